# Turns openrpc.json into a C array of its text on one line. A JSON string holds no raw line break, so what stands
# between a line break and the next token is indentation.
file(READ ${INPUT} text)
string(REGEX REPLACE "\n *" "" text "${text}")
string(HEX "${text}" bytes)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "(................................................................................)" "\\1\n"
                     bytes "${bytes}")
file(
  WRITE ${OUTPUT}
  "#include \"protocol/openrpc.h\"\n\n"
  "static const unsigned char document[] = {\n${bytes}\n};\n\n"
  "const char *const openrpc_document = (const char *)document;\n"
  "const size_t openrpc_document_length = sizeof(document);\n")
