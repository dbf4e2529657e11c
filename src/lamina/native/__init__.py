"""Machine code for what XLA is slow at on a CPU: the loops of recurrent layers, attention, convolution and more.

Each kernel has a plain form made of JAX's functions, which serves wherever kernels do not: without a C++ compiler, on
other devices, for other types than float32. `compile_kernels()` (or `lamina compile-kernels`) makes them once for this
processor. The C++ lies beside this file: `product.h` is the heart, `kernels.cc` the door.
"""

from .compiler import KernelError, compile_kernels
from .library import has_kernels, in_loop, native_kernels, run_kernel

__all__ = ["KernelError", "compile_kernels", "has_kernels", "in_loop", "native_kernels", "run_kernel"]
