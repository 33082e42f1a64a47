// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "golden/kmodel/kmodel.h"
#include "sim/engine/rtl_backend.h"

namespace kpu::sim {

/// A board at a serial port.
struct SerialOptions {
  std::string port;         ///< device, for example /dev/ttyUSB0
  unsigned baud = 1000000;  ///< bits per second
};

/// The board as a KPU for the network interpreter, driven as RtlKpu's simulated one is, a layer at
/// a time. Throws Error, naming sizes, if a KPU layer of the network needs more memory than the
/// board has, before anything runs; and if there is no board.
std::unique_ptr<RtlKpu> make_serial_backend(const SerialOptions& options,
                                            const golden::ModelInfo& info);

}  // namespace kpu::sim
