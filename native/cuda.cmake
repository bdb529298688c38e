# The CUDA plugin. nvcc is called directly: it needs a handful of flags and no CUDA project of CMake's.
set(TRAINER_CUDA AUTO CACHE STRING "Build the CUDA plugin: AUTO (where nvcc works), ON, OFF")
set_property(CACHE TRAINER_CUDA PROPERTY STRINGS AUTO ON OFF)
if(NOT TRAINER_CUDA MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "TRAINER_CUDA must be AUTO, ON or OFF, not ${TRAINER_CUDA}")
endif()

# Contract nc-1 on the device: no contraction, no flushing, division and root rounded. Every operation names its rounding
# anyway; tools/test/ptx-lint.mjs looks at what becomes of them.
set(CUDA_FLAGS -std=c++20 -O3 -fmad=false -ftz=false -prec-div=true -prec-sqrt=true -cudart static
  -gencode arch=compute_90,code=sm_90 -gencode arch=compute_90,code=compute_90
  -Xcompiler=-fPIC,-fvisibility=hidden,-ffp-contract=off,-Wall
  -I${CMAKE_CURRENT_SOURCE_DIR} -I${CMAKE_CURRENT_SOURCE_DIR}/include)

# Sets `cause` to why the plugin cannot be built here, or to nothing.
function(find_cuda cause)
  if(TRAINER_CUDA STREQUAL "OFF" OR CMAKE_CROSSCOMPILING)
    set(${cause} "it was not asked for" PARENT_SCOPE)
    return()
  endif()
  find_program(NVCC nvcc HINTS /usr/local/cuda/bin ENV CUDA_HOME PATH_SUFFIXES bin)
  if(NOT NVCC)
    set(${cause} "no nvcc on this machine" PARENT_SCOPE)
    return()
  endif()
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/cuda_check.cu "__global__ void check(float *x) { *x = __fmaf_rn(*x, 2.0f, 1.0f); }\n")
  execute_process(
    COMMAND ${NVCC} ${CUDA_FLAGS} -shared ${CMAKE_CURRENT_BINARY_DIR}/cuda_check.cu -o ${CMAKE_CURRENT_BINARY_DIR}/cuda_check.so
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE error)
  file(REMOVE ${CMAKE_CURRENT_BINARY_DIR}/cuda_check.cu ${CMAKE_CURRENT_BINARY_DIR}/cuda_check.so)
  if(failed)
    string(REGEX REPLACE "\n.*" "" error "${error}")
    set(${cause} "${NVCC} does not work (${error})" PARENT_SCOPE)
  endif()
endfunction()

set(CUDA_CAUSE)
find_cuda(CUDA_CAUSE)
if(CUDA_CAUSE AND TRAINER_CUDA STREQUAL "ON")
  message(FATAL_ERROR "TRAINER_CUDA=ON, but the CUDA plugin cannot be built: ${CUDA_CAUSE}")
elseif(CUDA_CAUSE)
  message(STATUS "The CUDA plugin is not built: ${CUDA_CAUSE}")
  file(REMOVE ${CMAKE_CURRENT_BINARY_DIR}/trainer_cuda.so)
else()
  message(STATUS "The CUDA plugin is built by ${NVCC}")
  file(GLOB CUDA_SOURCES CONFIGURE_DEPENDS ops/cuda/*)
  set(PLUGIN ${CMAKE_CURRENT_BINARY_DIR}/trainer_cuda.so)
  add_custom_command(OUTPUT ${PLUGIN}
    COMMAND ${NVCC} ${CUDA_FLAGS} -diag-suppress 1675 -shared ops/cuda/plugin.cu model/parameter_table.cpp -o ${PLUGIN}
    DEPENDS ${CUDA_SOURCES} canon/constants.h canon/cuda.h canon/functions.h canon/random.h canon/scalar.h ops/op_table.h
      model/parameter_table.cpp model/parameters.h model/shape.h state/safetensors.h
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} COMMENT "Building the CUDA plugin" VERBATIM)
  add_custom_target(trainer_cuda ALL DEPENDS ${PLUGIN})
endif()
