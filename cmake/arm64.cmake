# SPDX-License-Identifier: Apache-2.0
#
# Toolchain file of `make arm64`: Debian's cross compiler, libraries from a folder (scripts/arm64_root.sh), and
# programs that run under qemu-user. Needs -DKPU_ARM64_ROOT=<folder>. The environment's QEMU_CPU chooses the
# processor, and with it the targets of the fast path.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES KPU_ARM64_ROOT)

set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_SYSROOT ${KPU_ARM64_ROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

find_program(KPU_QEMU NAMES qemu-aarch64-static qemu-aarch64 REQUIRED)
set(CMAKE_CROSSCOMPILING_EMULATOR ${KPU_QEMU} -L ${KPU_ARM64_ROOT})
