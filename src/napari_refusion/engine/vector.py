"""A vector of `LANES` float32 for Numba, which has none: lowered by LLVM to what the processor has.

Addresses are int64, indices count float32. Nothing here checks bounds: see ``tests/engine/test_guards.py``.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, register_model

from napari_refusion.engine.lanes import LANES

_FLOAT = ir.FloatType()
_INT32 = ir.IntType(32)
_VECTOR = ir.VectorType(_FLOAT, LANES)
_HALVES = tuple(2**power for power in reversed(range(LANES.bit_length() - 1)))
"""Distances at which lanes are added to each other until all hold the sum: 8, 4, 2, 1 of 16."""


class Vector(types.Type):
    """The type of such a vector."""

    def __init__(self) -> None:
        super().__init__(name=f"float32x{LANES}")


vector = Vector()
"""Its only instance."""


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


def place(builder: ir.IRBuilder, args: Any) -> Any:
    """Return a pointer to float32 number ``args[1]`` from address ``args[0]`` on."""
    return builder.gep(builder.inttoptr(args[0], _FLOAT.as_pointer()), [args[1]])


def _vector_at(builder: ir.IRBuilder, args: Any) -> Any:
    return builder.bitcast(place(builder, args), _VECTOR.as_pointer())


def _spread(builder: ir.IRBuilder, number: Any) -> Any:
    """Return a vector that holds a number in every lane."""
    one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), number, _INT32(0))
    return _shuffled(builder, one, [0] * LANES)


def _shuffled(builder: ir.IRBuilder, lanes: Any, order: list[int]) -> Any:
    return builder.shuffle_vector(lanes, lanes, ir.Constant(ir.VectorType(_INT32, LANES), order))


def _summed(builder: ir.IRBuilder, lanes: Any) -> Any:
    """Return a vector that holds the sum of all lanes in every lane, always added in the same order."""
    for far in _HALVES:
        lanes = builder.fadd(lanes, _shuffled(builder, lanes, [lane ^ far for lane in range(LANES)]))
    return lanes


def _reading(result: Any, emit: Callable[[ir.IRBuilder, Any], Any]) -> Any:
    """Return the function ``(address, index) -> result``."""
    return result(types.int64, types.int64), lambda _context, builder, _signature, args: emit(builder, args)


def _of_vectors(count: int, emit: Callable[[ir.IRBuilder, Any], Any], result: Any = vector) -> Any:
    """Return the function of `count` vectors."""
    return result(*[vector] * count), lambda _context, builder, _signature, args: emit(builder, args)


@intrinsic
def load(typing: Any, address: Any, index: Any) -> Any:
    """Return the vector that begins at a number."""
    return _reading(vector, lambda builder, args: builder.load(_vector_at(builder, args), align=4))


@intrinsic
def spread_from(typing: Any, address: Any, index: Any) -> Any:
    """Return the number at a place in every lane."""
    return _reading(vector, lambda builder, args: _spread(builder, builder.load(place(builder, args), align=4)))


@intrinsic
def store(typing: Any, address: Any, index: Any, value: Any) -> Any:
    """Write a vector from a number on."""

    def emit(context: Any, builder: ir.IRBuilder, _signature: Any, args: Any) -> Any:
        builder.store(args[2], _vector_at(builder, args), align=4)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, vector), emit


@intrinsic
def spread(typing: Any, number: Any) -> Any:
    """Return a float32 in every lane."""
    return vector(types.float32), lambda _context, builder, _signature, args: _spread(builder, args[0])


@intrinsic
def multiply_add(typing: Any, one: Any, other: Any, sum_before: Any) -> Any:
    """Return ``one * other + sum_before``, rounded once where the processor can."""

    def emit(builder: ir.IRBuilder, args: Any) -> Any:
        product = builder.fmul(args[0], args[1], flags=("contract",))
        return builder.fadd(product, args[2], flags=("contract",))

    return _of_vectors(3, emit)


@intrinsic
def multiply(typing: Any, one: Any, other: Any) -> Any:
    """Return ``one * other``."""
    return _of_vectors(2, lambda builder, args: builder.fmul(*args))


@intrinsic
def add(typing: Any, one: Any, other: Any) -> Any:
    """Return ``one + other``."""
    return _of_vectors(2, lambda builder, args: builder.fadd(*args))


@intrinsic
def subtract(typing: Any, one: Any, other: Any) -> Any:
    """Return ``one - other``."""
    return _of_vectors(2, lambda builder, args: builder.fsub(*args))


@intrinsic
def at_most(typing: Any, value: Any, limit: Any) -> Any:
    """Return the smaller one; NaN where `value` is NaN."""
    return _of_vectors(2, lambda builder, args: builder.select(builder.fcmp_ordered(">", *args), args[1], args[0]))


@intrinsic
def at_least(typing: Any, value: Any, limit: Any) -> Any:
    """Return the larger one; NaN where `value` is NaN."""
    return _of_vectors(2, lambda builder, args: builder.select(builder.fcmp_ordered("<", *args), args[1], args[0]))


@intrinsic
def halves_exchanged(typing: Any, value: Any) -> Any:
    """Return the upper half of the lanes below the lower one."""
    order = [(lane + LANES // 2) % LANES for lane in range(LANES)]
    return _of_vectors(1, lambda builder, args: _shuffled(builder, args[0], order))


@intrinsic
def sum_of(typing: Any, value: Any) -> Any:
    """Return the sum of all lanes, a float32."""
    emit = lambda builder, args: builder.extract_element(_summed(builder, args[0]), _INT32(0))  # noqa: E731
    return _of_vectors(1, emit, types.float32)


@intrinsic
def sum_spread(typing: Any, value: Any) -> Any:
    """Return the sum of all lanes in every lane."""
    return _of_vectors(1, lambda builder, args: _summed(builder, args[0]))
