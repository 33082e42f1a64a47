/* SPDX-License-Identifier: Apache-2.0
 *
 * Registers of the board, and what the firmware's files share. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;

#define REG32(address) (*(volatile u32 *)(u64)(address))
#define REG64(address) (*(volatile u64 *)(u64)(address))

enum {
  kMsip0 = 0x02000000,
  kMtimecmp0 = 0x02004000,
  kMtime = 0x0200BFF8,
  kPlic = 0x0C000000,
  kPlicThreshold0 = 0x0C200000,
  kPlicClaim0 = 0x0C200004,
  kUarths = 0x38000000,
  kGpiohs = 0x38001000,
  kKpu = 0x40800000,
  kDmac = 0x50000000,
  kFpioa = 0x502B0000,
  kDvp = 0x50430000,
  kSysctl = 0x50440000,
  kSpi0 = 0x52000000,
  kSpi3 = 0x54000000,
};

/// Starts a block of `items` on a DMA channel, with an interrupt at its end.
void dma(u32 channel, u64 from, u64 to, u64 control, u64 config, u64 items);
