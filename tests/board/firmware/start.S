# SPDX-License-Identifier: Apache-2.0
#
# Both harts start here. Hart 0 clears bss and calls main; hart 1 sleeps until it is interrupted by
# software, then calls second_main.
  .section .text.start, "ax"
  .globl _start
_start:
  j begin
  .align 2
  .word 0xdeadbeef
begin:
  csrw mie, zero
  la t0, trap
  csrw mtvec, t0
  li t0, 0x6000              # floats on
  csrs mstatus, t0
  csrr a0, mhartid
  la sp, stack_end
  slli t0, a0, 12
  sub sp, sp, t0
  bnez a0, second
  la t0, bss_start
  la t1, bss_end
1:
  bgeu t0, t1, 2f
  sd zero, 0(t0)
  addi t0, t0, 8
  j 1b
2:
  call main
3:
  wfi
  j 3b

second:
  li t0, 8                   # software interrupts wake, but are not taken
  csrw mie, t0
1:
  wfi
  li t1, 0x02000004
  lw t0, 0(t1)
  beqz t0, 1b
  sw zero, 0(t1)
  call second_main
  j 1b

# Saves what a C function may change and calls handle_trap(mcause, mepc); its result is the new mepc.
  .align 2
trap:
  addi sp, sp, -288
  sd ra, 0(sp)
  sd t0, 8(sp)
  sd t1, 16(sp)
  sd t2, 24(sp)
  sd t3, 32(sp)
  sd t4, 40(sp)
  sd t5, 48(sp)
  sd t6, 56(sp)
  sd a0, 64(sp)
  sd a1, 72(sp)
  sd a2, 80(sp)
  sd a3, 88(sp)
  sd a4, 96(sp)
  sd a5, 104(sp)
  sd a6, 112(sp)
  sd a7, 120(sp)
  csrr a0, mcause
  csrr a1, mepc
  call handle_trap
  csrw mepc, a0
  ld ra, 0(sp)
  ld t0, 8(sp)
  ld t1, 16(sp)
  ld t2, 24(sp)
  ld t3, 32(sp)
  ld t4, 40(sp)
  ld t5, 48(sp)
  ld t6, 56(sp)
  ld a0, 64(sp)
  ld a1, 72(sp)
  ld a2, 80(sp)
  ld a3, 88(sp)
  ld a4, 96(sp)
  ld a5, 104(sp)
  ld a6, 112(sp)
  ld a7, 120(sp)
  addi sp, sp, 288
  mret
