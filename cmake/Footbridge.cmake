# fb_library(NAME FOLDER SOURCES … USES …) and fb_test(NAME SOURCES … USES …): each source is listed once, and a
# library that names a layer the include law forbids fails at configure time (tests/policy reads the #includes too).

# Layers from the bottom up; a layer uses only those before it. Layers joined by a slash never use each other.
set(FB_LAYERS base wire crypto core web quic sim observe io transport store ops compat programs)

add_library(fb_options INTERFACE)
target_compile_features(fb_options INTERFACE cxx_std_20)
target_include_directories(fb_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(fb_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  ${FB_TARGET_WARNINGS}
  $<$<BOOL:${FB_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:GNU>:-fcoroutines -Wno-maybe-uninitialized -Wno-dangling-reference -Wno-mismatched-new-delete>)
if(FB_HARDEN)
  target_compile_options(fb_options INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fcf-protection -D_GLIBCXX_ASSERTIONS)
  target_link_options(fb_options INTERFACE -pie -Wl,-z,relro -Wl,-z,now)
  # The same bytes wherever the source lies, also where a compiler cache names it by the way up from the build.
  file(RELATIVE_PATH FB_WAY_UP ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR})
  target_compile_options(fb_options INTERFACE -ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -ffile-prefix-map=${FB_WAY_UP}=)
endif()
if(FB_PURE_ONLY)
  # The link sees the whole program: a quarter of what separate objects bring is never called.
  target_compile_options(fb_options INTERFACE -flto)
endif()
foreach(kind IN LISTS FB_SANITIZE)
  target_compile_options(fb_options INTERFACE -fsanitize=${kind} -fno-omit-frame-pointer)
  target_link_options(fb_options INTERFACE -fsanitize=${kind})
endforeach()
if("undefined" IN_LIST FB_SANITIZE)
  # vptr checks need RTTI, which the pure layers do not have: their classes would look corrupt to everybody else.
  target_compile_options(fb_options INTERFACE -fno-sanitize-recover=undefined -fno-sanitize=vptr)
endif()
if(FB_FUZZ)
  target_compile_options(fb_options INTERFACE $<$<NOT:$<BOOL:$<TARGET_PROPERTY:FB_UNCOUNTED>>>:-fsanitize=fuzzer-no-link>)
endif()

# These know no exceptions and no RTTI: what the browser build cannot have, they do not use.
set(FB_PURE_LAYERS base wire crypto core web)

function(fb_layer_of target out)
  string(REGEX REPLACE "_.*" "" layer ${target})
  set(${out} ${layer} PARENT_SCOPE)
endfunction()

function(fb_check_uses name)
  fb_layer_of(${name} mine)
  list(FIND FB_LAYERS ${mine} my_rank)
  foreach(used IN LISTS ARGN)
    fb_layer_of(${used} theirs)
    list(FIND FB_LAYERS ${theirs} their_rank)
    if(their_rank GREATER my_rank)
      message(FATAL_ERROR "${name} may not use ${used}: the include law lists ${theirs} above ${mine}")
    endif()
  endforeach()
endfunction()

# NAME begins with its layer: core_session, transport_ws. SYSTEM names CMake targets of outside libraries.
function(fb_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;SYSTEM" ${ARGN})
  fb_check_uses(${name} ${arg_USES})
  add_library(${name} STATIC ${arg_SOURCES})
  add_library(footbridge::${name} ALIAS ${name})
  target_link_libraries(${name} PUBLIC fb_options ${arg_USES} ${arg_SYSTEM})
  fb_layer_of(${name} layer)
  if(layer IN_LIST FB_PURE_LAYERS)
    target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
  endif()
endfunction()

# What every test is told: where GoogleTest leaves its report, and how the sanitizers are to behave.
set(FB_TEST_KINDS unit contract sim policy e2e interop threads fuzz)
if(FB_TESTS)
  foreach(kind IN LISTS FB_TEST_KINDS)
    add_custom_target(tests_${kind})  # builds all tests of a kind: ninja tests_unit
  endforeach()
  find_program(FB_SYMBOLIZER NAMES llvm-symbolizer-16 llvm-symbolizer-19 llvm-symbolizer)
endif()
set(FB_SUPPRESSIONS ${PROJECT_SOURCE_DIR}/tests/sanitizers)

function(fb_register_test name)
  cmake_parse_arguments(arg "ALONE" "LABEL;TIMEOUT" "TARGETS" ${ARGN})
  if(NOT arg_LABEL IN_LIST FB_TEST_KINDS)
    message(FATAL_ERROR "${name}: '${arg_LABEL}' is no kind of test (${FB_TEST_KINDS})")
  endif()
  set(kinds ${arg_LABEL})
  # Where threads and sockets are: these run under TSan too.
  if(arg_LABEL STREQUAL "contract" OR CMAKE_CURRENT_SOURCE_DIR MATCHES "/src/(io|transport|programs)(/|$)")
    list(APPEND kinds threads)
  endif()
  foreach(kind IN LISTS kinds)
    if(arg_TARGETS)
      add_dependencies(tests_${kind} ${arg_TARGETS})
    endif()
  endforeach()
  # G_SLICE: GLib's own allocator keeps pointers to what it gave out, and so hides leaks of GLib objects from the checker.
  # die_after_fork: a test that runs its other end in a forked process starts threads there.
  set_tests_properties(${name} PROPERTIES
    LABELS "${kinds}" TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "GTEST_OUTPUT=xml:${PROJECT_BINARY_DIR}/gtest/${name}.xml;G_SLICE=always-malloc;\
ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:external_symbolizer_path=${FB_SYMBOLIZER};\
LSAN_OPTIONS=suppressions=${FB_SUPPRESSIONS}/leak.supp:print_suppressions=0;\
TSAN_OPTIONS=die_after_fork=0:suppressions=${FB_SUPPRESSIONS}/thread.supp:external_symbolizer_path=${FB_SYMBOLIZER};\
UBSAN_OPTIONS=print_stacktrace=1:suppressions=${FB_SUPPRESSIONS}/undefined.supp")
  # scripts/test gives ctest two places for each core. What computes takes both; real programs mostly wait, and take one.
  if(arg_ALONE)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  elseif(NOT arg_LABEL MATCHES "^(e2e|interop)$")
    set_tests_properties(${name} PROPERTIES PROCESSORS 2)
  endif()
  # ctest begins with what costs most: simulations beside long waits, and something short at the end.
  if(arg_LABEL STREQUAL "sim")
    set_tests_properties(${name} PROPERTIES COST 30)
  endif()
endfunction()

# One executable of GoogleTest cases; ctest runs it whole. LABEL is its kind (FB_TEST_KINDS), unit by default.
function(fb_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "SOURCES;USES;SYSTEM" ${ARGN})
  if(NOT FB_TESTS)
    return()
  endif()
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE
    fb_options ${arg_USES} ${arg_SYSTEM} GTest::gtest GTest::gmock GTest::gtest_main)
  # What a test itself says needs no fuzzer's counters; and where it is mostly tables and expectations, no optimisation
  # either: half of the time to compile it. A world that moves bytes at -O0 would take longer to run than that wins.
  if(FB_FUZZ)
    set_target_properties(${name} PROPERTIES FB_UNCOUNTED ON)
    if(CMAKE_CURRENT_SOURCE_DIR MATCHES "/src/(base|wire|crypto|observe|ops)(/|$)")
      target_compile_options(${name} PRIVATE -O0)
    endif()
  endif()
  # Only where they are read: all other objects are the same in every clone, so a compiler cache has them. What is made
  # while building reads nothing here.
  foreach(source IN LISTS arg_SOURCES)
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${source}")
      file(STRINGS ${source} reads REGEX "FB_(SOURCE|BINARY)_DIR" LIMIT_COUNT 1)
      if(reads)
        set_source_files_properties(${source} PROPERTIES
          COMPILE_DEFINITIONS "FB_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\";FB_BINARY_DIR=\"${PROJECT_BINARY_DIR}\"")
      endif()
    endif()
  endforeach()
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  fb_register_test(${name} LABEL ${arg_LABEL} TIMEOUT ${arg_TIMEOUT} TARGETS ${name})
endfunction()

# A test whose program contains a copy of SOURCE with a bug in it (planted/NAME.patch beside the caller): the simulator
# has to find it. The linker prefers the copy to the library's own object.
function(fb_planted_bug name source)
  set(patch ${CMAKE_CURRENT_SOURCE_DIR}/planted/${name}.patch)
  set(copy ${CMAKE_CURRENT_BINARY_DIR}/planted/${name}.cpp)
  add_custom_command(OUTPUT ${copy}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/planted
    COMMAND patch --quiet --batch --forward --output=${copy} ${PROJECT_SOURCE_DIR}/${source} ${patch}
    DEPENDS ${PROJECT_SOURCE_DIR}/${source} ${patch} VERBATIM
    COMMENT "Planting ${name}: if it does not apply, ${source} has changed; plant it anew in tests/sim/model/planted")
  fb_test(planted_${name}_test LABEL sim TIMEOUT 300 SOURCES planted_bug_test.cpp ${copy} USES sim_model)
endfunction()

# A test that is a script: COMMAND as for add_test, NEEDS the programs it starts. ALONE: it measures times or rates, so
# nothing else runs beside it. Exit status 77 means skipped, with the reason on the last line; never in CI for what
# scripts/setup installs.
function(fb_script_test name)
  cmake_parse_arguments(arg "ALONE" "LABEL;TIMEOUT" "COMMAND;NEEDS" ${ARGN})
  if(NOT FB_TESTS)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${arg_COMMAND})
  if(arg_ALONE)
    set(alone ALONE)
  endif()
  fb_register_test(${name} ${alone} LABEL ${arg_LABEL} TIMEOUT ${arg_TIMEOUT} TARGETS ${arg_NEEDS})
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77)
endfunction()

# A libFuzzer target over one parser or entry point. Its corpus is tests/fuzz/corpus/NAME; FB_FUZZ_SECONDS, read when it
# runs, says how long.
function(fb_fuzzer name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES" ${ARGN})
  if(NOT FB_FUZZ)
    return()
  endif()
  add_executable(fuzz_${name} ${arg_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE fb_options ${arg_USES})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  add_test(NAME fuzz_${name} COMMAND ${PROJECT_SOURCE_DIR}/tests/fuzz/run_fuzzer
    $<TARGET_FILE:fuzz_${name}> ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name} ${PROJECT_BINARY_DIR}/fuzz/${name})
  fb_register_test(fuzz_${name} LABEL fuzz TIMEOUT 7200 TARGETS fuzz_${name})
endfunction()

# A program of bench/: load for the chain, or a benchmark of one part. Built when make bench or its test asks for it.
function(fb_bench name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;SYSTEM" ${ARGN})
  add_executable(${name} EXCLUDE_FROM_ALL ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE fb_options ${arg_USES} ${arg_SYSTEM})
endfunction()
