# Debian's clang-16 for WebAssembly (scripts/setup web). Debian keeps this libc++ where clang does not look by itself.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_CXX_COMPILER clang++-16)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)
set(CMAKE_AR llvm-ar-16)
set(CMAKE_RANLIB llvm-ranlib-16)
set(CMAKE_CXX_FLAGS_INIT "-nostdinc++ -isystem /usr/lib/llvm-16/include/wasm32-wasi/c++/v1 -mbulk-memory")
# What is built names no folder of the machine that built it.
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_CXX_FLAGS_INIT} -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
# Offsets into containers change sign where ptrdiff_t has 32 bits; losing bits (size_t from 64-bit values) stays an error.
set(FB_TARGET_WARNINGS -Wno-sign-conversion)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)  # nothing here has a main()
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# Tells Footbridge to build the layers that need no operating system, and only those.
set(FB_PURE_ONLY ON)
