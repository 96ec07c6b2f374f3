// How a function of the port that a browser brings is declared: from the host's module "env", synchronous, on views of
// our memory that it neither keeps nor grows. web/packages/core/src/primitives.ts implements them. Any thread.
#pragma once

#define FB_IMPORTED(name) extern "C" __attribute__((import_module("env"), import_name(#name)))
