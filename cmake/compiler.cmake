# The compilers this house is built with, and the flags every target gets.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    message(FATAL_ERROR
        "g++ ${CMAKE_CXX_COMPILER_VERSION} destroys temporaries twice in expressions with co_await, so Souk built "
        "with it would corrupt memory. Use clang 19 (./dev setup installs it; the presets choose it) or g++ 13 and later.")
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 19)
    message(FATAL_ERROR "Souk is built and tested with clang 19; this is clang ${CMAKE_CXX_COMPILER_VERSION}. Run ./dev setup.")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(SOUK_CCACHE ccache)
if(SOUK_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${SOUK_CCACHE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_link_options(-fuse-ld=lld-19)
endif()

set(SOUK_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined or thread")
if(SOUK_SANITIZE)
    add_compile_options(-fsanitize=${SOUK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${SOUK_SANITIZE})
endif()

# More cached coroutine frames per thread than Asio's default of two, so that a request's
# nested calls allocate nothing (docs/decisions/0002-http-stack.md).
add_compile_definitions(BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=8 BOOST_ASIO_NO_DEPRECATED)
