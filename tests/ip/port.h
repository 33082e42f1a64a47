/* SPDX-License-Identifier: Apache-2.0
 *
 * The C driver's port in tests: accesses of the simulated wrapper. */
#ifndef KPU_TESTS_IP_PORT_H
#define KPU_TESTS_IP_PORT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

uint32_t kpu_port_read32(uintptr_t address);
void kpu_port_write32(uintptr_t address, uint32_t value);

#ifdef __cplusplus
}
#endif

#endif
