// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace kpu::golden::fast {

/// Lets the process keep the memory that a frame gives back, some megabytes of layers' outputs, for
/// the next one. The C library's default returns it to the system each time, which costs as much
/// time as a third of the arithmetic. Does nothing where the library has no such choice.
void keep_freed_memory();

}  // namespace kpu::golden::fast
