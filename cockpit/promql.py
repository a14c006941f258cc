"""PromQL expressions, parsed (never matched by a regex): what is measured, against what, over which window."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promql_parser import BinaryExpr, Expr


@dataclass(frozen=True, slots=True)
class Expression:
    """What Cockpit reads out of an alert's or the map's expression; every field may be missing."""

    text: str
    measure: str | None = None
    """The single metric's name; of a quotient its numerator's metric; null where there are several or none."""
    left: str | None = None
    """The side that is measured, as text on one line: what the series is asked for; all of it without a comparison."""
    operator: str | None = None
    """`>`, `>=`, `<`, `<=`, `==`, `!=` as seen from the measure; mirrored where the number stood left."""
    threshold: float | None = None
    percent: bool = False
    """Quotients and names ending in `_ratio` print as percent: a value of 0.05 is 5 %."""
    points: bool = False
    """The expression itself multiplies such a share by 100: a value of 5 is 5 %."""
    numerator: str | None = None
    """Of a quotient."""
    denominator: str | None = None
    """Of a quotient, as text."""
    windows: tuple[str, ...] = ()
    """Range windows, as written: `5m`."""
    metrics: tuple[str, ...] = ()
    """Every metric's name, in order of appearance."""
    selectors: tuple[tuple[str, str], ...] = ()
    """Every equality matcher's label and value, in order of appearance."""


class PromqlError(ValueError):
    """A text is no PromQL; the message is the parser's, with the place."""


MAX_LENGTH = 16_384
"""Characters of an expression that are still read."""
MAX_OPERATORS = 800
"""Operators and brackets that are still read: the parser recurses, and a deeper text would end the process."""

_MIRROR = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_SETS = {"and", "or", "unless"}
_SAME_VALUE = {"min", "max", "topk", "bottomk", "limitk"}
"""Aggregations that give back a value of what they aggregate."""
_SAME_VALUE_CALLS = {"sort", "sort_desc", "sort_by_label", "sort_by_label_desc", "label_replace", "label_join"}
"""Functions that give back the values they are given."""
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`")
_COMMENT = re.compile(r"#[^\n]*")
_OPERATOR = re.compile(r"[-+*/%^<>(\[{]|[=!]=|\b(?:and|or|unless|atan2)\b", re.IGNORECASE)
_RANGE = re.compile(r"\[\s*([^\]:\s]+)")
_BREAK = re.compile(r"\"(?:[^\"\\]|\\.)*\"|\s*\n\s*")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


@lru_cache(maxsize=2048)
def parse(text: str) -> Expression:
    """Return what the expression says.

    Raises:
        PromqlError: It is no PromQL.
    """
    bare = _COMMENT.sub("", _QUOTED.sub('""', text))
    root = _tree(text, bare)
    nodes = list(_walk(root))
    comparison = _comparison(root)
    measured, operator, threshold = (_plain(root), None, None) if comparison is None else comparison
    share = _share(measured)
    names = [name for node in _walk(measured) for name in _metric(node)]
    measure: str | None = names[0] if len(set(names)) == 1 and names[0] else None
    if share.quotient is not None:
        above = {name for node in _walk(share.quotient.lhs) for name in _metric(node)}
        measure = above.pop() or None if len(above) == 1 and not share.rest else None
    is_share = (share.quotient is not None and not share.average) or (measure or "").endswith("_ratio")
    quotient = share.quotient
    return Expression(
        text=text,
        measure=measure,
        left=_text(measured),
        operator=operator,
        threshold=threshold,
        percent=is_share and share.factor == 1,
        points=is_share and share.factor == 100,
        numerator=None if quotient is None or share.rest else _text(quotient.lhs),
        denominator=None if quotient is None else _text(quotient.rhs),
        windows=tuple(dict.fromkeys(_RANGE.findall(bare))),
        metrics=tuple(dict.fromkeys(name for node in nodes for name in _metric(node) if name)),
        selectors=tuple(dict.fromkeys(pair for node in nodes for pair in _selectors(node))),
    )


def _tree(text: str, bare: str) -> "Expr":
    if len(text) > MAX_LENGTH:
        raise PromqlError(f"the expression has {len(text):,} characters; at most {MAX_LENGTH:,} are read")
    if len(_OPERATOR.findall(bare)) > MAX_OPERATORS:
        raise PromqlError(f"the expression has more than {MAX_OPERATORS} operators and brackets")
    import promql_parser

    try:
        return promql_parser.parse(text)
    except ValueError as error:
        raise PromqlError(str(error) or "no PromQL") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the parser's own, which no module exports
            raise
        raise PromqlError(f"the parser gave up: {error}") from error


def _children(node: "Expr") -> "list[Expr]":
    import promql_parser as p

    match node:
        case p.BinaryExpr():
            return [node.lhs, node.rhs]
        case p.AggregateExpr():
            return [node.expr] if node.param is None else [node.param, node.expr]
        case p.ParenExpr() | p.UnaryExpr() | p.SubqueryExpr():
            return [node.expr]
        case p.Call():
            return list(node.args)
        case p.MatrixSelector():
            return [node.vector_selector]
        case _:
            return []


def _walk(root: "Expr") -> "Iterator[Expr]":
    """Give every node, parents first, in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(_children(node)))


def _metric(node: "Expr") -> Iterator[str]:
    """Give the metric's name of a selector; an empty one where it may be any of several."""
    import promql_parser as p

    if not isinstance(node, p.VectorSelector):
        return
    if node.name:
        yield node.name
        return
    for matcher in node.matchers.matchers:
        if matcher.name == "__name__" and (
            matcher.op == p.MatchOp.Equal or (matcher.op == p.MatchOp.Re and _NAME.fullmatch(matcher.value))
        ):
            yield matcher.value
            return
    yield ""


def _selectors(node: "Expr") -> Iterator[tuple[str, str]]:
    import promql_parser as p

    if isinstance(node, p.VectorSelector):
        for matcher in node.matchers.matchers:
            if matcher.op == p.MatchOp.Equal and matcher.name != "__name__":
                yield matcher.name, matcher.value


def _number(node: "Expr") -> float | None:
    """Return the value of an arithmetic of numbers, or null where it is none."""
    import promql_parser as p

    match node:
        case p.NumberLiteral():
            return node.val
        case p.ParenExpr():
            return _number(node.expr)
        case p.UnaryExpr():
            inner = _number(node.expr)
            return None if inner is None else -inner
        case p.Call() if node.func.name in {"vector", "scalar"} and len(node.args) == 1:
            return _number(node.args[0])
        case p.BinaryExpr():
            left, right = _number(node.lhs), _number(node.rhs)
            return None if left is None or right is None else _calculate(str(node.op), left, right)
        case _:
            return None


def _calculate(operator: str, left: float, right: float) -> float | None:
    try:
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
            case "%":
                return left % right
            case "^":
                power = left**right
                return power if isinstance(power, float) else None
            case _:
                return None
    except ArithmeticError:
        return None


def _plain(node: "Expr") -> "Expr":
    """Return the node without the brackets around it."""
    import promql_parser as p

    while isinstance(node, p.ParenExpr):
        node = node.expr
    return node


def _against_number(node: "Expr") -> "tuple[Expr, str, float] | None":
    """Return measured side, operator and number of a comparison with a number."""
    import promql_parser as p

    if not isinstance(node, p.BinaryExpr) or str(node.op) not in _MIRROR:
        return None
    right, left = _number(node.rhs), _number(node.lhs)
    if right is not None and left is None:
        return _plain(node.lhs), str(node.op), right
    if left is not None and right is None:
        return _plain(node.rhs), _MIRROR[str(node.op)], left
    return None


def _comparison(root: "Expr") -> "tuple[Expr, str, float] | None":
    """Return the outermost comparison with a number, seen through what leaves its values as they are."""
    import promql_parser as p

    node = _plain(root)
    while (found := _against_number(node)) is None:
        match node:
            case p.BinaryExpr() if str(node.op) in _SETS:
                node = _plain(node.lhs)
            case p.BinaryExpr() if str(node.op) == "*" and (many := _many(node)) is not None:
                node = _plain(many)  # a join with an info metric, whose value is 1
            case p.BinaryExpr() if str(node.op) in _MIRROR:
                node = _plain(node.lhs)
            case p.AggregateExpr() if str(node.op) in _SAME_VALUE:
                node = _plain(node.expr)
            case p.Call() if node.func.name in _SAME_VALUE_CALLS and node.args:
                node = _plain(node.args[0])
            case _:
                return None
    measured, operator, threshold = found
    while isinstance(measured, p.BinaryExpr) and (inner := _against_number(measured)) is not None:
        if measured.modifier is not None and measured.modifier.return_bool:
            break
        measured = inner[0]  # a filter such as `5 < a` in `5 < a < 10` gives back the values of `a`
    return measured, operator, threshold


def _many(node: "BinaryExpr") -> "Expr | None":
    """Return the side that `group_left` or `group_right` says there are many of."""
    import promql_parser as p

    card = None if node.modifier is None else node.modifier.card
    if card == p.VectorMatchCardinality.ManyToOne:
        return node.lhs
    return node.rhs if card == p.VectorMatchCardinality.OneToMany else None


@dataclass(frozen=True, slots=True)
class _Share:
    """Whether an expression is a share of something, and by what it is multiplied."""

    quotient: "BinaryExpr | None" = None
    factor: float = 1.0
    rest: bool = False
    """It is what is left: `1 - errors / attempts`."""
    average: bool = False
    """It is the average of a summary or histogram, and no share."""


def _share(node: "Expr") -> _Share:
    """Find the quotient that is measured, if any.

    A quotient has metrics on both sides: `bytes / 1024` only changes the unit; `x_sum / x_count` is an average.
    """
    import promql_parser as p

    factor, rest = 1.0, False
    while True:
        node = _plain(node)
        if not isinstance(node, p.BinaryExpr):
            return _Share(None, factor, rest)
        left, right, operator = _number(node.lhs), _number(node.rhs), str(node.op)
        if operator == "*" and (left is not None or right is not None):
            factor *= left if left is not None else right or 0.0
            node = node.rhs if left is not None else node.lhs
        elif operator == "/" and right:
            factor /= right
            node = node.lhs
        elif operator == "-" and left in {1.0, 100.0} and not rest:
            rest = True
            factor *= 1.0 if left == 1.0 else 100.0
            inner = _share(node.rhs)
            whole = inner.factor == left
            return _Share(inner.quotient if whole and not inner.average else None, factor, rest=True)
        elif operator in _SETS:
            node = node.lhs
        elif operator == "/" and left is None:
            return _quotient(node, factor, rest)
        else:
            return _Share(None, factor, rest)


def _quotient(node: "BinaryExpr", factor: float, rest: bool) -> _Share:
    above = {name for inner in _walk(node.lhs) for name in _metric(inner)}
    below = {name for inner in _walk(node.rhs) for name in _metric(inner)}
    average = any(
        name.endswith("_sum") and f"{name.removesuffix('_sum')}_count" in below for name in above if len(above) == 1
    )
    if not above or not below:
        return _Share(None, factor, rest)
    return _Share(node, factor * _factor(node.lhs) / (_factor(node.rhs) or 1.0), rest, average)


def _factor(node: "Expr") -> float:
    """Return the number that a product is multiplied by: 100 in `100 * errors`."""
    import promql_parser as p

    factor = 1.0
    while isinstance(node := _plain(node), p.BinaryExpr) and str(node.op) == "*":
        left, right = _number(node.lhs), _number(node.rhs)
        if left is None and right is None:
            break
        factor *= left if left is not None else right or 0.0
        node = node.rhs if left is not None else node.lhs
    return factor


def _text(node: "Expr") -> str:
    """Return the node as text on one line."""
    pretty = node.prettify().strip()
    if "\n" not in pretty:
        return pretty
    joined = _BREAK.sub(lambda found: found[0] if found[0].startswith('"') else " ", pretty)
    pieces = _QUOTED.split(joined)
    quoted = [*_QUOTED.findall(joined), ""]
    return "".join(
        piece.replace("( ", "(").replace(" )", ")") + quote for piece, quote in zip(pieces, quoted, strict=True)
    )
