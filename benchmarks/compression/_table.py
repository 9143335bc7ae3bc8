"""The rows as a table in Markdown, the seeds of a recipe joined to their mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.compression._collect import IN_C, Row

PEERS = """\
Published for other networks and data, beside: Deep Compression (Han, Mao, Dally 2015, arXiv:1510.00149) makes LeNet-5
39 times and VGG-16 49 times smaller than its float32 weights without loss, which is 10 and 12 times against int8;
entropy-penalised reparameterisation (Oktay, Ballé, Singh, Shrivastava 2020, arXiv:1906.06624) makes LeNet-5 606 times
smaller at 0.3 points, and ResNet-18 24 times at none."""
_TITLES = (
    *(
        "recipe",
        "seeds",
        "float",
        "int8",
        "lowest-highest",
        "points",
        "MACs",
        "weights",
        "not 0",
        "int8 bytes",
        "coded bytes",
        "x",
        ".tflite",
    ),
    *("flash", "instructions"),
)


@dataclass(frozen=True)
class Summary:
    """One recipe over its seeds: means, and the lowest and highest accuracy.

    `loss`: of accuracy against the same seeds of the model's dense int8 baseline, absolute; None without it. `shrink`:
    float32 bytes of the dense weights for one byte on the device; None without the baseline.
    """

    rows: tuple[Row, ...]
    loss: float | None
    shrink: float | None

    @property
    def first(self) -> Row:
        """What all its rows have alike: names, board, passes."""
        return self.rows[0]

    @property
    def accuracy(self) -> float:
        """Mean of the finished model's accuracies."""
        return fmean(row.accuracy for row in self.rows)

    @property
    def spread(self) -> tuple[float, float]:
        """Lowest and highest of them."""
        accuracies = [row.accuracy for row in self.rows]
        return min(accuracies), max(accuracies)

    def mean(self, name: str) -> float | None:
        """Mean of a figure of the rows; None where one has none."""
        values = [getattr(row, name) for row in self.rows]
        return None if None in values else fmean(values)


def summaries(rows: Sequence[Row]) -> list[Summary]:
    """One for each recipe, in the order of the rows."""
    recipes: dict[str, list[Row]] = {}
    for row in rows:
        recipes.setdefault(row.recipe, []).append(row)
    return [Summary(tuple(found), _loss(found, rows), _shrink(found, rows)) for found in recipes.values()]


def _baseline(rows: Sequence[Row], like: Row) -> dict[int, Row]:
    """The uncompressed rows of the same model and runtime, by seed."""
    return {row.seed: row for row in rows if not row.passes and (row.model, row.runtime) == (like.model, like.runtime)}


def _loss(found: Sequence[Row], rows: Sequence[Row]) -> float | None:
    dense = _baseline(rows, found[0])
    pairs = [dense[row.seed].accuracy - row.accuracy for row in found if row.seed in dense]
    return fmean(pairs) if pairs else None


def _shrink(found: Sequence[Row], rows: Sequence[Row]) -> float | None:
    dense = [row for row in rows if not row.passes and row.model == found[0].model]
    return 4 * dense[0].weights / fmean(row.device_bytes for row in found) if dense else None


def page(found: Sequence[Summary]) -> str:
    """The whole file."""
    parts = [
        "# Compression: accuracy against bytes",
        "",
        _INTRODUCTION,
        "",
        "![accuracy against bytes](compression.svg)",
    ]
    for model in dict.fromkeys(summary.first.model for summary in found):
        parts += ["", f"## {model}", "", *_table([one for one in found if one.first.model == model])]
    return "\n".join([*parts, "", PEERS, ""])


_INTRODUCTION = """\
Made by `python -m benchmarks.compression`. Every recipe is a file in `benchmarks/compression/targets/`. Accuracies are
of the test data, in percent, means over the seeds: `float` of the uncompressed model, `int8` of the finished one
through the runtime that the device runs; `points` is its distance to the dense int8 model of the same seeds. Bytes are
those of all constants in the C that is generated for a Cortex-M4 (`optimize = "size"`), read out of that C: weights or
codes, biases, factors, tables. `int8 bytes` are with raw weights, `coded bytes` with coded ones. The code of the C
decoder, one copy for all layers, is not among them. Bytes with a `*` are not of C: they were counted as int8 weights or
codes, four bytes for each bias and each scale, and a decoder's own weights; C holds more, up to 1.6 times of what codes
were counted as. `x` is the float32 weights of the dense model over the coded bytes of a recipe that makes zeros,
clusters or latents, over the int8 bytes of the others; so is the picture. `flash` is what generated C takes for code
and weights, stored as the recipe asks and the kernels of its layers can. Instructions are counted in emulation: of a
Cortex-A72 through the runtime, of a Cortex-M4 where the recipe says so."""


def _table(found: Sequence[Summary]) -> Iterator[str]:
    yield f"| {' | '.join(_TITLES)} |"
    yield "|---" + "|---:" * (len(_TITLES) - 1) + "|"
    for summary in found:
        yield f"| {' | '.join(_cells(summary))} |"


def _cells(summary: Summary) -> list[str]:
    low, high = summary.spread
    return [
        f"`{summary.first.recipe.partition('-')[2]}`: {summary.first.description}",
        str(len(summary.rows)),
        f"{100 * (summary.mean('float_accuracy') or 0):.2f}",
        f"{100 * summary.accuracy:.2f}",
        f"{100 * low:.2f}-{100 * high:.2f}",
        "-" if summary.loss is None or not summary.first.passes else f"{-100 * summary.loss:+.2f}",
        _whole(summary.mean("macs")),
        _whole(summary.mean("weights")),
        _whole(summary.mean("nonzero_weights")),
        _counted(summary, "weight_bytes"),
        _counted(summary, "coded_bytes"),
        "-" if summary.shrink is None else f"{summary.shrink:.1f}{_mark(summary)}",
        _whole(summary.mean("tflite_bytes")),
        _whole(summary.mean("flash_bytes")),
        _whole(summary.mean("instructions")),
    ]


def _counted(summary: Summary, name: str) -> str:
    return _whole(summary.mean(name)) + _mark(summary)


def _mark(summary: Summary) -> str:
    """A star at bytes that were not read out of C."""
    return "" if all(row.counted == IN_C for row in summary.rows) else "*"


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
