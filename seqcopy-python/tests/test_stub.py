"""The stub has the docstrings of the package, which an editor shows. `BLESS=1 python -m unittest discover seqcopy-python/tests -k stub` writes them."""

import ast
import inspect
import os
import pathlib
import unittest

import seqcopy

STUB = pathlib.Path(__file__).parent.parent / "python" / "seqcopy" / "_seqcopy.pyi"


def docstring(found, name, indent):
    text = inspect.cleandoc(found.__doc__ or "")
    is_public = not name.startswith("_")
    lines = text.splitlines() if is_public and found.__doc__ else []
    if len(lines) < 2:
        return [f'{indent}"""{line}"""' for line in lines]
    return [f'{indent}"""{lines[0]}', *(indent + line if line else "" for line in lines[1:]), f'{indent}"""']


def documented(text):
    """The text of the stub, with the docstrings that the package has now."""
    lines = text.splitlines()

    def put(node, found):
        indent = " " * (node.col_offset + 4)
        doc = docstring(found, node.name, indent)
        first, rest = node.body[0], node.body[1:]
        if ast.get_docstring(node) is not None:
            lines[first.lineno - 1 : first.end_lineno] = doc
            if not rest and not doc:
                lines[first.lineno - 2] += " ..."
        elif doc and isinstance(first, ast.Expr) and first.lineno == first.end_lineno and lines[first.lineno - 1].endswith(": ..."):
            lines[first.lineno - 1] = lines[first.lineno - 1].removesuffix(" ...")
            lines[first.lineno : first.lineno] = doc
        elif doc:
            start = min([first.lineno, *(it.lineno for it in getattr(first, "decorator_list", []))]) - 1
            lines[start:start] = doc

    def walk(node, owner):
        """From the end of the file to its beginning, so that the numbers of lines stay right."""
        for child in reversed(node.body):
            if isinstance(child, ast.ClassDef):
                # Both kinds of readers have the calls of `_Opened`.
                found = getattr(owner, "Reader" if child.name == "_Opened" else child.name, None)
                if found is not None:
                    walk(child, found)
                    put(child, found)
            elif isinstance(child, ast.FunctionDef):
                is_overload = any(isinstance(it, ast.Name) and it.id == "overload" for it in child.decorator_list)
                found = inspect.getattr_static(owner, child.name, None) if inspect.isclass(owner) else getattr(owner, child.name, None)
                if found is not None and not is_overload:
                    put(child, getattr(found, "__func__", found))

    walk(ast.parse(text), seqcopy)
    return "\n".join(lines) + "\n"


class Stub(unittest.TestCase):
    def test_the_stub_has_the_docstrings(self):
        there = STUB.read_text()
        wanted = documented(there)
        if os.environ.get("BLESS"):
            STUB.write_text(wanted)
        self.assertEqual(there.splitlines(), wanted.splitlines())
        self.assertGreater(wanted.count('"""'), 100)


if __name__ == "__main__":
    unittest.main()
