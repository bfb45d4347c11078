# Writes docs_files.S and docs_files.cpp: the reference page's files as data of the binary.
#
#   cmake -DSOURCE=… -DOUT=… -DRENDERER=ON|OFF -P embed_docs.cmake
#
# SOURCE is the project's folder, OUT the folder for what is written. With RENDERER the page has the interactive
# reference, which api/docs/package.json names; without it the page is the guides alone.
set(docs ${SOURCE}/api/docs)
set(swagger ${docs}/node_modules/swagger-ui-dist)

# ---- the page: a frame around the guides and the reference
set(GUIDES "")
foreach(guide start errors limits downloads)
  file(READ ${docs}/${guide}.html text)
  string(APPEND GUIDES "${text}")
endforeach()
if(RENDERER)
  file(READ ${docs}/reference.html REFERENCE)
  set(STYLE [[<link rel="stylesheet" href="/docs/swagger-ui.css">]])
  set(SCRIPT [[<script src="/docs/swagger-ui-bundle.js"></script>]])
else()
  file(READ ${docs}/reference_plain.html REFERENCE)
endif()
configure_file(${docs}/page.html.in ${OUT}/page.html @ONLY)

# ---- the files: name, type, where it lies
set(files
  "|text/html\; charset=utf-8|${OUT}/page.html"
  "openapi.yaml|application/yaml|${SOURCE}/api/openapi.yaml"
  "docs.css|text/css\; charset=utf-8|${docs}/docs.css"
  "docs.js|text/javascript\; charset=utf-8|${docs}/docs.js")
if(RENDERER)
  list(APPEND files
    "swagger-ui.css|text/css\; charset=utf-8|${swagger}/swagger-ui.css"
    "swagger-ui-bundle.js|text/javascript\; charset=utf-8|${swagger}/swagger-ui-bundle.js"
    "swagger-ui-bundle.js.LICENSE.txt|text/plain\; charset=utf-8|${swagger}/swagger-ui-bundle.js.LICENSE.txt")
endif()

set(data "    .section .rodata\n")
set(declared "")
set(rows "")
set(number 0)
foreach(file IN LISTS files)
  string(REGEX MATCH "^([^|]*)\\|([^|]*)\\|(.*)$" _ "${file}")
  set(name ${CMAKE_MATCH_1})
  set(type ${CMAKE_MATCH_2})
  set(path ${CMAKE_MATCH_3})
  file(SHA256 ${path} digest)
  string(SUBSTRING ${digest} 0 16 tag)
  set(symbol filemint_docs_${number})
  string(APPEND data
    "    .global ${symbol}\n${symbol}:\n    .incbin \"${path}\"\n"
    "    .global ${symbol}_end\n${symbol}_end:\n    .byte 0\n")
  string(APPEND declared "extern const char ${symbol}[];\nextern const char ${symbol}_end[];\n")
  string(APPEND rows "      {\"${name}\", \"${type}\", \"\\\"${tag}\\\"\", {${symbol}, ${symbol}_end}},\n")
  math(EXPR number "${number} + 1")
endforeach()
string(APPEND data "    .section .note.GNU-stack,\"\",@progbits\n")

# A digest in the text makes it change with the files, so that the assembler runs anew.
string(SHA256 all "${rows}")
file(WRITE ${OUT}/docs_files.S "/* ${all} */\n${data}")
file(WRITE ${OUT}/docs_files.cpp "#include \"http/routes/docs.hpp\"

#include <array>

extern \"C\" {
${declared}}

namespace filemint::http {

std::span<const docs_file> docs_files() noexcept {
  static const std::array<docs_file, ${number}> all{{
${rows}  }};
  return all;
}

}  // namespace filemint::http
")
