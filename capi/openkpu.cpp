// SPDX-License-Identifier: Apache-2.0
//
// The C interface: every exception of the C++ side ends here.
#include "include/openkpu.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "common/error.h"
#include "tb/kpu_harness.h"

struct openkpu_system {
  std::unique_ptr<kpu::tb::KpuHarness> harness;
  std::string error;
  bool failed = false;
};

namespace {

using kpu::tb::KpuHarness;

int fail(openkpu_system* system, int code, std::string text) {
  system->error = std::move(text);
  return code;
}

/// Runs `work` if the simulation is alive; an Error while time passes ends it.
template <class Work>
int advance(openkpu_system* system, Work work) {
  if (system->failed) return OPENKPU_FAILED;
  try {
    return work(*system->harness);
  } catch (const std::exception& error) {
    system->failed = true;
    return fail(system, OPENKPU_FAILED, error.what());
  }
}

/// Runs `work`, which takes no time; an Error is about its arguments.
template <class Work>
int inspect(openkpu_system* system, Work work) {
  try {
    work(*system->harness);
    return OPENKPU_OK;
  } catch (const std::exception& error) {
    return fail(system, OPENKPU_BAD_ARGUMENT, error.what());
  }
}

bool is_access(uint32_t address, unsigned bits) {
  return (bits == 8 || bits == 16 || bits == 32 || bits == 64) && address % (bits / 8) == 0;
}

/// Offset in AI RAM of an address in either alias, or SIZE_MAX.
std::size_t ai_ram_offset(uint32_t address) {
  for (const uint32_t base : {kpu::driver::kAiRamBase, kpu::driver::kAiRamCachedBase}) {
    if (address >= base && address - base < KpuHarness::ai_ram_bytes()) return address - base;
  }
  return SIZE_MAX;
}

}  // namespace

int openkpu_abi_version(void) { return OPENKPU_ABI_VERSION; }

void openkpu_default_options(openkpu_options* options) {
  const kpu::tb::MemoryTiming timing;
  *options = {timing.read_latency,    timing.write_latency, timing.bandwidth_percent,
              timing.max_outstanding, timing.stall_percent, timing.seed};
}

openkpu_system* openkpu_create(const openkpu_options* options, char* error, size_t error_size) {
  try {
    kpu::tb::HarnessConfig config;
    if (options != nullptr) {
      config.memory = {.read_latency = options->read_latency,
                       .write_latency = options->write_latency,
                       .bandwidth_percent = options->bandwidth_percent,
                       .max_outstanding = options->max_outstanding,
                       .stall_percent = options->stall_percent,
                       .seed = options->seed};
      config.seed = options->seed;
    }
    auto system = std::make_unique<openkpu_system>();
    system->harness = std::make_unique<KpuHarness>(config);
    return system.release();
  } catch (const std::exception& exception) {
    if (error != nullptr && error_size > 0) {
      const std::size_t size = std::min(std::strlen(exception.what()), error_size - 1);
      std::memcpy(error, exception.what(), size);
      error[size] = '\0';
    }
    return nullptr;
  }
}

void openkpu_destroy(openkpu_system* system) { delete system; }

int openkpu_read(openkpu_system* system, uint32_t address, unsigned bits, uint64_t* value) {
  if (!is_access(address, bits) || value == nullptr) {
    return fail(system, OPENKPU_BAD_ARGUMENT, "read: expected 8, 16, 32 or 64 bits at a multiple");
  }
  return advance(system, [&](KpuHarness& harness) -> int {
    if (harness.cpu().try_read(address, bits / 8, *value) == kpu::tb::kOkay) return OPENKPU_OK;
    return fail(system, OPENKPU_BUS_ERROR, "read: error response");
  });
}

int openkpu_write(openkpu_system* system, uint32_t address, unsigned bits, uint64_t value) {
  if (!is_access(address, bits)) {
    return fail(system, OPENKPU_BAD_ARGUMENT, "write: expected 8, 16, 32 or 64 bits at a multiple");
  }
  return advance(system, [&](KpuHarness& harness) -> int {
    if (harness.cpu().try_write(address, bits / 8, value) == kpu::tb::kOkay) return OPENKPU_OK;
    return fail(system, OPENKPU_BUS_ERROR, "write: error response");
  });
}

int openkpu_run(openkpu_system* system, uint64_t max_cycles) {
  return advance(system, [&](KpuHarness& harness) -> int {
    for (uint64_t i = 0; i < max_cycles && harness.interrupts() == 0; ++i) harness.tick();
    return OPENKPU_OK;
  });
}

uint32_t openkpu_interrupts(const openkpu_system* system) { return system->harness->interrupts(); }
uint64_t openkpu_cycles(const openkpu_system* system) { return system->harness->cycles(); }

int openkpu_load(openkpu_system* system, uint32_t address, const void* bytes, size_t size) {
  return inspect(system, [&](KpuHarness& harness) {
    const std::span data(static_cast<const uint8_t*>(bytes), size);
    const std::size_t offset = ai_ram_offset(address);
    if (offset != SIZE_MAX) {
      harness.load_ai_ram(offset, data);
    } else {
      harness.load_memory(address, data);
    }
  });
}

int openkpu_peek(openkpu_system* system, uint32_t address, void* bytes, size_t size) {
  return inspect(system, [&](KpuHarness& harness) {
    const std::span data(static_cast<uint8_t*>(bytes), size);
    const std::size_t offset = ai_ram_offset(address);
    if (offset != SIZE_MAX) {
      harness.peek_ai_ram(offset, data);
    } else {
      harness.peek_memory(address, data);
    }
  });
}

int openkpu_reset(openkpu_system* system) {
  return advance(system, [](KpuHarness& harness) -> int {
    harness.reset();
    return OPENKPU_OK;
  });
}

const char* openkpu_error(const openkpu_system* system) { return system->error.c_str(); }
