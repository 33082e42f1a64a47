/* SPDX-License-Identifier: Apache-2.0
 *
 * The installed simulated system, from C: its version, and a register. */
#include <openkpu.h>
#include <stdio.h>

int main(void) {
  char error[200];
  openkpu_system* kpu;
  uint64_t mask = 0;
  if (openkpu_abi_version() != OPENKPU_ABI_VERSION) return 1;
  kpu = openkpu_create(NULL, error, sizeof error);
  if (kpu == NULL) return 1;
  openkpu_write(kpu, 0x40800018, 64, 5); /* interrupt_mask */
  openkpu_read(kpu, 0x40800018, 64, &mask);
  printf("interrupt_mask %llu after %llu cycles\n", (unsigned long long)mask,
         (unsigned long long)openkpu_cycles(kpu));
  openkpu_destroy(kpu);
  return mask == 5 ? 0 : 1;
}
