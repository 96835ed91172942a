#!/usr/bin/env python3
"""Writes a C++ file that holds files as byte arrays: embed.py ROOT SYMBOL OUT FILE...

The generated function `atoll::embedded::<SYMBOL>()` returns the files, named by their path from ROOT, sorted.
"""
import os
import sys

root, symbol, out, *files = sys.argv[1:]
files = sorted(files)
with open(out + ".tmp", "w") as o:
    o.write('#include "common/base/embedded.h"\n\nnamespace atoll::embedded {\nnamespace {\n')
    for i, f in enumerate(files):
        o.write('extern "C" {\nextern const char %s_%d_begin[];\nextern const char %s_%d_end[];\n}\n' % (symbol, i, symbol, i))
        o.write('asm(".section .rodata\\n.global {s}_{i}_begin\\n{s}_{i}_begin:\\n.incbin \\"{f}\\"\\n.global {s}_{i}_end\\n{s}_{i}_end:\\n.byte 0\\n.text\\n");\n'.format(s=symbol, i=i, f=f))
    o.write("}  // namespace\n\nstd::span<const File> %s() {\n  static const File files[] = {\n" % symbol)
    for i, f in enumerate(files):
        o.write('      {"%s", std::string_view(%s_%d_begin, static_cast<size_t>(%s_%d_end - %s_%d_begin))},\n' % (os.path.relpath(f, root), symbol, i, symbol, i, symbol, i))
    o.write("  };\n  return files;\n}\n\n}  // namespace atoll::embedded\n")
os.replace(out + ".tmp", out)
