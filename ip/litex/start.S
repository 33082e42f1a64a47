/* SPDX-License-Identifier: Apache-2.0
 *
 * Stack, data and zeros of a program in ROM, then main. */
  .section .start, "ax"
  .global _start
_start:
  la sp, program_stack
  la a0, program_data
  la a1, program_data_end
  la a2, program_data_rom
1:
  bgeu a0, a1, 2f
  lw a3, 0(a2)
  sw a3, 0(a0)
  addi a0, a0, 4
  addi a2, a2, 4
  j 1b
2:
  la a1, program_zeros_end
3:
  bgeu a0, a1, 4f
  sw zero, 0(a0)
  addi a0, a0, 4
  j 3b
4:
  call main
5:
  j 5b

/* What compilers call by themselves: memset(a0, a1, a2), memcpy(a0, a1, a2). */
  .global memset
memset:
  add a3, a0, a2
  mv a4, a0
6:
  bgeu a4, a3, 7f
  sb a1, 0(a4)
  addi a4, a4, 1
  j 6b
7:
  ret
  .global memcpy
memcpy:
  add a3, a0, a2
  mv a4, a0
8:
  bgeu a4, a3, 9f
  lbu a5, 0(a1)
  sb a5, 0(a4)
  addi a1, a1, 1
  addi a4, a4, 1
  j 8b
9:
  ret
