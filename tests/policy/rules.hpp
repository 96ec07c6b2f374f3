// The rules of the source tree. Each looks at a whole tree and returns every place that breaks it, in path order.
// A rule that finds nothing to look at returns nothing; source_rules_test asserts on the real tree that there is.
#pragma once

#include "source_tree.hpp"

namespace footbridge::policy {

// layers.cpp: a folder includes only folders below it in the law; siblings of transport and programs never meet.
Violations include_law(const SourceTree& tree);
// layers.cpp: base, wire and core name no clock, socket, thread, file, exception or Boost.
Violations pure_layers(const SourceTree& tree);

// shape.cpp: 400 lines for a source, a spec or a CMakeLists' 40, 800 for anything.
Violations file_sizes(const SourceTree& tree);
// shape.cpp: every header opens with a comment that is its contract.
Violations header_contracts(const SourceTree& tree);
std::size_t median_source_lines(const SourceTree& tree);

// habits.cpp: asio's detached outside main, shared_ptr without its two owners named, weak_ptr.
Violations ownership(const SourceTree& tree);
// habits.cpp: sleeps, disabled tests, skips that do not say why.
Violations honest_tests(const SourceTree& tree);

// habits.cpp: of /proc only what is about ourselves: in our units (ProcSubset=pid) there is nothing else.
Violations own_proc(const SourceTree& tree);

// words.cpp: other networks' words outside compat/.
Violations glossary(const SourceTree& tree);
// words.cpp: marks of unfinished work.
Violations finished_work(const SourceTree& tree);
// words.cpp: paths of one machine, hosts of registries and mirrors.
Violations no_foreign_places(const SourceTree& tree);

// build_rules.cpp: no addresses in build files, no globbing, nothing fetched at configure time.
Violations closed_build(const SourceTree& tree);
// build_rules.cpp: lock files of npm name no registry.
Violations lock_files(const SourceTree& tree);
// build_rules.cpp: each fuzz target has its source and each source its target.
Violations fuzz_targets(const SourceTree& tree);
// fuzz_table.cpp: docs/fuzzing.md lists each fuzz target with what it calls, and each parse_… of src's headers.
Violations fuzz_table(const SourceTree& tree);
// build_rules.cpp: the licence is there, whole.
Violations licence(const SourceTree& tree);

// references.cpp: every `path/file.cpp` and `path/file.hpp:name` in the guides exists.
Violations guide_references(const SourceTree& tree);

// spec_tables.cpp: every row "ID kName value" of docs/spec names a constant of src with that value.
Violations spec_tables(const SourceTree& tree);
// How many rows spec_tables could compare by value (others are checked by name only).
std::size_t spec_rows_compared(const SourceTree& tree);

}  // namespace footbridge::policy
