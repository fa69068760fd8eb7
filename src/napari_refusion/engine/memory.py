"""Cache lines, single numbers and a shared counter for Numba; see `vector`."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from napari_refusion.engine.vector import place

_INT32 = ir.IntType(32)


@intrinsic
def store_number(typing: Any, address: Any, index: Any, number: Any) -> Any:
    """Write one float32."""

    def emit(context: Any, builder: ir.IRBuilder, _signature: Any, args: Any) -> Any:
        builder.store(args[2], place(builder, args), align=4)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.float32), emit


def _fetching(to_write: bool) -> Any:
    """Return a function that asks for the cache line of a number, to be read or written soon."""
    hints = (_INT32(1), _INT32(3)) if to_write else (_INT32(0), _INT32(2))

    def emit(context: Any, builder: ir.IRBuilder, _signature: Any, args: Any) -> Any:
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, _INT32, _INT32, _INT32])
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(fetch, [builder.bitcast(place(builder, args), byte), *hints, _INT32(1)])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), emit


@intrinsic
def fetch_to_read(typing: Any, address: Any, index: Any) -> Any:
    """Bring the cache line of a number into the second-level cache."""
    return _fetching(to_write=False)


@intrinsic
def fetch_to_write(typing: Any, address: Any, index: Any) -> Any:
    """Bring the cache line of a number into the first-level cache, to be written."""
    return _fetching(to_write=True)


@intrinsic
def take(typing: Any, counter: Any) -> Any:
    """Return the next number of a counter (an int64 at this address) that threads share."""

    def emit(_context: Any, builder: ir.IRBuilder, _signature: Any, args: Any) -> Any:
        place = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
        return builder.atomic_rmw("add", place, ir.IntType(64)(1), "monotonic")

    return types.int64(types.int64), emit
