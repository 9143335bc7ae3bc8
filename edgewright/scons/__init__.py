"""The SCons tool `edge` and its parts, loadable from any SConstruct by PyPackageDir."""
