// Lets a namespace be called `atoll` although the C library has a function of that name in the global namespace.
//
// Included ahead of every source file by the build (-include), so that <cstdlib> declares `::atoll(const char*)` first;
// from then on the word means our namespace, which the linker sees as `atoll_`. Nothing of ours calls the C function.
#pragma once

#include <cstdlib>

#define atoll atoll_
