"""The declarative files: what a target, a board and a model may say, and reading them with good messages."""

from edgewright.sections.board import Board
from edgewright.sections.budget import Budget
from edgewright.spec._brought import Source
from edgewright.spec._checks import EMULATOR, NOTHING, TAKEN, reachable
from edgewright.spec._ports import PORTS
from edgewright.spec.device import ProjectDevice, devices_of
from edgewright.spec.machines import MachinesFile, StageNeeds, load_machines
from edgewright.spec.model import Model
from edgewright.spec.project import (
    Measure,
    Project,
    ProjectModel,
    ProjectTarget,
    Step,
    boards_of,
    escaped,
    identifier,
    load_project,
    ports_for,
    split,
    target_files,
)
from edgewright.spec.search import SearchFile, search_of
from edgewright.spec.target import Target
from edgewright.spec.variant import variant

__all__ = [
    "EMULATOR",
    "NOTHING",
    "PORTS",
    "TAKEN",
    "Board",
    "Budget",
    "MachinesFile",
    "Measure",
    "Model",
    "Project",
    "ProjectDevice",
    "ProjectModel",
    "ProjectTarget",
    "SearchFile",
    "Source",
    "StageNeeds",
    "Step",
    "Target",
    "boards_of",
    "devices_of",
    "escaped",
    "identifier",
    "load_machines",
    "load_project",
    "ports_for",
    "reachable",
    "search_of",
    "split",
    "target_files",
    "variant",
]
