/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's port (driver/c/kpu.h) on the C interface: accesses of the simulated system at the K210's addresses. */
#ifndef KPU_CAPI_DRIVER_PORT_H
#define KPU_CAPI_DRIVER_PORT_H

#include <stdint.h>

uint32_t kpu_port_read32(uintptr_t address);
void kpu_port_write32(uintptr_t address, uint32_t value);
uint64_t kpu_port_read64(uintptr_t address);
void kpu_port_write64(uintptr_t address, uint64_t value);

#endif
