# One target per folder. Sources, tests, benches and fuzz targets are picked up by name, so a new file needs no list edit:
#   x.cc -> the library, x_test.cc -> the test binary, x_bench.cc, x_fuzz.cc, main.cc -> left to the folder.
include_guard()

# atoll_library(NAME common_json [DEPS ...] [TEST_DEPS ...] [EXCLUDE pattern...])
# The library `atoll_<NAME>` of the current folder and, when there are *_test.cc, the test `<NAME>_test`.
function(atoll_library)
  cmake_parse_arguments(A "" "NAME" "DEPS;TEST_DEPS;EXCLUDE;SUBDIRS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "*.cc")
  foreach(dir ${A_SUBDIRS})
    file(GLOB_RECURSE more CONFIGURE_DEPENDS "${dir}/*.cc")
    list(APPEND sources ${more})
  endforeach()
  set(lib ${sources})
  list(FILTER lib EXCLUDE REGEX "(_test|_bench|_fuzz)\\.cc$|/main\\.cc$")
  foreach(pattern ${A_EXCLUDE})
    list(FILTER lib EXCLUDE REGEX ${pattern})
  endforeach()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(benches ${sources})
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  set(fuzzers ${sources})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  if(lib)
    add_library(atoll_${A_NAME} STATIC ${lib})
    target_link_libraries(atoll_${A_NAME} PUBLIC atoll_options ${A_DEPS})
    set(own atoll_${A_NAME})
  else()
    add_library(atoll_${A_NAME} INTERFACE)
    target_link_libraries(atoll_${A_NAME} INTERFACE atoll_options ${A_DEPS})
    set(own atoll_${A_NAME})
  endif()
  if(tests AND ATOLL_TESTS)
    add_executable(${A_NAME}_test ${tests})
    target_link_libraries(${A_NAME}_test PRIVATE ${own} atoll_test_main ${A_TEST_DEPS})
    set_target_properties(${A_NAME}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
    add_test(NAME ${A_NAME} COMMAND ${A_NAME}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${A_NAME} PROPERTIES TIMEOUT 600)
  endif()
  if(benches AND ATOLL_TESTS)
    add_executable(${A_NAME}_bench ${benches})
    target_link_libraries(${A_NAME}_bench PRIVATE ${own} ${A_TEST_DEPS})
  endif()
  if(ATOLL_FUZZ)
    foreach(f ${fuzzers})
      get_filename_component(n ${f} NAME_WE)
      add_executable(${A_NAME}_${n} ${f})
      target_link_libraries(${A_NAME}_${n} PRIVATE ${own})
      target_link_options(${A_NAME}_${n} PRIVATE -fsanitize=fuzzer)
      set_target_properties(${A_NAME}_${n} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
      set_property(GLOBAL APPEND PROPERTY ATOLL_FUZZERS ${A_NAME}_${n})
    endforeach()
  endif()
endfunction()

# atoll_binary(NAME atoll-shard SOURCES main.cc DEPS ...): an executable in <build>/bin.
function(atoll_binary)
  cmake_parse_arguments(A "" "NAME" "SOURCES;DEPS" ${ARGN})
  add_executable(${A_NAME} ${A_SOURCES})
  target_link_libraries(${A_NAME} PRIVATE ${A_DEPS} atoll_allocator)
  set_target_properties(${A_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# atoll_proto(NAME index FILE index.proto): the messages and services of one conversation, as `atoll_proto_<NAME>`;
# included as "proto/<NAME>/<NAME>.pb.h" and "proto/<NAME>/<NAME>.grpc.pb.h".
function(atoll_proto)
  cmake_parse_arguments(A "" "NAME" "" ${ARGN})
  set(src ${CMAKE_SOURCE_DIR}/proto/${A_NAME}/${A_NAME}.proto)
  set(out ${CMAKE_BINARY_DIR}/gen)
  set(base ${out}/proto/${A_NAME}/${A_NAME})
  add_custom_command(
    OUTPUT ${base}.pb.cc ${base}.pb.h ${base}.grpc.pb.cc ${base}.grpc.pb.h
    COMMAND ${CMAKE_COMMAND} -E make_directory ${out}
    COMMAND protobuf::protoc --proto_path=${CMAKE_SOURCE_DIR} --cpp_out=${out} --grpc_out=${out}
            --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin> ${src}
    DEPENDS ${src}
    COMMENT "proto/${A_NAME}")
  add_library(atoll_proto_${A_NAME} STATIC ${base}.pb.cc ${base}.grpc.pb.cc)
  target_include_directories(atoll_proto_${A_NAME} SYSTEM PUBLIC ${out})
  target_link_libraries(atoll_proto_${A_NAME} PUBLIC gRPC::grpc++ protobuf::libprotobuf)
  target_compile_options(atoll_proto_${A_NAME} PRIVATE -w)
endfunction()

# atoll_embed(TARGET t FILES a.json b.yaml): makes each file readable by common/base/embedded.h under its path from the source root.
function(atoll_embed)
  cmake_parse_arguments(A "" "TARGET" "FILES" ${ARGN})
  set(gen ${CMAKE_CURRENT_BINARY_DIR}/${A_TARGET}_embedded.cc)
  set(paths)
  foreach(f ${A_FILES})
    get_filename_component(abs ${f} ABSOLUTE)
    list(APPEND paths ${abs})
  endforeach()
  add_custom_command(
    OUTPUT ${gen}
    COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/cmake/embed.py ${CMAKE_SOURCE_DIR} ${A_TARGET} ${gen} ${paths}
    DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/tools/cmake/embed.py
    COMMENT "embedding files into ${A_TARGET}")
  target_sources(${A_TARGET} PRIVATE ${gen})
endfunction()
