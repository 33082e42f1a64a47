/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's example network on a LiteX design; tables in main memory, from where the KPU's bus master reads them.
 * Prints "PASS" as the last line if every pixel and the interrupt are right, "FAIL" else, and ends the simulation.
 */
#include <generated/csr.h>
#include <generated/mem.h>

#include "kpu_example.h"

static void print(const char* text) {
  for (; *text != '\0'; ++text) {
    while (uart_txfull_read()) {
    }
    uart_rxtx_write((uint8_t)*text);
  }
}

static void print_number(unsigned number) {
  char digits[11];
  char* at = digits + sizeof digits - 1;
  *at = '\0';
  do {
    *--at = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  print(at);
}

/* Whether the KPU's interrupt has reached the processor's side, and goes when it is cleared. */
static int interrupt_is_wrong(const struct kpu_device* kpu) {
  kpu_irq_enable(kpu, KPU_INT_CALC_DONE);
  const int raised = (int)kpu_ev_status_read();
  kpu_irq_clear(kpu, KPU_INT_ALL);
  return !raised || kpu_ev_status_read();
}

int main(void) {
  struct kpu_device kpu;
  kpu_example_tables((uint8_t*)MAIN_RAM_BASE);
  int wrong = kpu_init(&kpu, KPU_CTRL_BASE, KPU_RAM_BASE);
  if (wrong == KPU_OK) wrong = kpu_example_run(&kpu, MAIN_RAM_BASE, NULL);
  if (wrong < 0) {
    print(kpu_result_text(wrong));
  } else {
    print("KPU with ");
    print_number(kpu.lanes);
    print(" lanes, wrong pixels: ");
    print_number((unsigned)wrong);
  }
  if (wrong == 0 && interrupt_is_wrong(&kpu)) {
    print(", no interrupt");
    wrong = 1;
  }
  print(wrong == 0 ? "\nPASS\n" : "\nFAIL\n");
  while (uart_txempty_read() == 0) {
  }
  end_now_write(1);
  return 0;
}
