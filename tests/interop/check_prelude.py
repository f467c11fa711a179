"""Checks the functions of TorchScript that the shim embeds, with Python's own parser.

Usage: check_prelude.py SHIM, where SHIM holds `prelude/*.py` and the C++ that calls its functions. Prints every mistake; the
exit status is not 0 if there is one.
"""

import ast
import pathlib
import re
import sys


def mistakes_of_file(path, functions):
    """Yields (line, text), and notes in `functions` where each name stands."""
    try:
        tree = ast.parse(path.read_text(), str(path))
    except SyntaxError as error:
        yield error.lineno, f"this is not Python: {error.msg}"
        return
    if ast.get_docstring(tree) is None:
        yield 1, "the file does not begin with a docstring"
    for statement in tree.body[ast.get_docstring(tree) is not None :]:
        if not isinstance(statement, ast.FunctionDef):
            yield statement.lineno, "only functions and comments may stand here"
            continue
        name = statement.name
        if name in functions:
            yield statement.lineno, f"`{name}` stands at {functions[name]} already"
        functions[name] = f"{path.name}:{statement.lineno}"
        yield from mistakes_of_function(statement)


def mistakes_of_function(function):
    """Yields (line, text) of what TorchScript does not take, or what the file promises."""
    line, name, args = function.lineno, function.name, function.args
    if function.decorator_list:
        yield line, f"`{name}` has a decorator"
    if args.vararg or args.kwarg or args.kwonlyargs or args.posonlyargs or args.defaults:
        yield line, f"`{name}` may have plain parameters only"
    for arg in args.args:
        if arg.annotation is None:
            yield arg.lineno, f"parameter `{arg.arg}` of `{name}` has no type"
    if function.returns is None:
        yield line, f"the result of `{name}` has no type"
    for node in ast.walk(function):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node.lineno, f"`{name}` imports something"


def main(shim):
    functions, mistakes = {}, []
    for path in sorted(shim.glob("prelude/*.py")):
        mistakes += [f"{path}:{line}: {text}" for line, text in mistakes_of_file(path, functions)]
    code = "\n".join(path.read_text() for path in shim.glob("*.cc"))
    used = set(re.findall(r"\bprelude::(\w+)", code))
    for name in functions.keys() - used:
        mistakes.append(f"{shim}/prelude/{functions[name]}: no operator uses `{name}`")
    if not functions and not mistakes:
        mistakes.append(f"{shim}/prelude: there is no function")
    print("\n".join(mistakes) or f"ok: {len(functions)} functions")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
