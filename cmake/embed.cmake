# house_embed(LIBRARY PAGE SOURCES...): builds the page folder web/PAGE with Vite into one HTML file and makes LIBRARY of it.
#
#   house_embed(waiting_room_web waiting-room index.html style.css main.ts)   # sources as named in web/waiting-room
#   house_library(flash ... USES waiting_room_web)
#   #include "web/waiting_room_page.h"                                        // souk::web::waiting_room_page
#
# Nothing runs while the sources are unchanged; npm only when package-lock.json is not the one installed.
find_program(SOUK_NODE NAMES node nodejs REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
# One page at a time: two at once would both run npm in the same folder.
set_property(GLOBAL APPEND PROPERTY JOB_POOLS web_pages=1)

function(house_embed library page)
    string(REPLACE "-" "_" symbol "${page}_page")
    set(web ${PROJECT_SOURCE_DIR}/web)
    set(html ${PROJECT_BINARY_DIR}/web/${page}/index.html)
    set(generated ${PROJECT_BINARY_DIR}/generated)
    set(shared package.json package-lock.json tsconfig.json vite.config.ts install.mjs)
    list(TRANSFORM ARGN PREPEND ${web}/${page}/)
    list(TRANSFORM shared PREPEND ${web}/)

    add_custom_command(
        OUTPUT ${html}
        COMMAND ${SOUK_NODE} install.mjs
        COMMAND ${SOUK_NODE} node_modules/typescript/bin/tsc --noEmit
        COMMAND ${SOUK_NODE} node_modules/vite/bin/vite.js build ${page} --config vite.config.ts
                --outDir ${PROJECT_BINARY_DIR}/web/${page} --emptyOutDir --logLevel warn
        WORKING_DIRECTORY ${web}
        DEPENDS ${ARGN} ${shared}
        JOB_POOL web_pages
        COMMENT "Building the page web/${page}"
        VERBATIM)
    add_custom_command(
        OUTPUT ${generated}/web/${symbol}.h ${generated}/web/${symbol}.cpp
        COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/scripts/embed.py ${html} ${symbol} ${generated}/web
        DEPENDS ${html} ${PROJECT_SOURCE_DIR}/scripts/embed.py
        VERBATIM)

    add_library(${library} STATIC ${generated}/web/${symbol}.cpp ${generated}/web/${symbol}.h)
    target_compile_options(${library} PRIVATE ${SOUK_WARNINGS})
    target_include_directories(${library} PUBLIC ${generated})
endfunction()
