# house_migrations(TARGET SERVICE DIR): embeds DIR/*.sql as souk::SERVICE::migrations() in <SERVICE/schema.h>.
# 001_orders.sql is for both engines; 001_orders.sqlite.sql and 001_orders.postgres.sql where they differ.
# Run as a script (cmake -P) this file writes the header.
function(house_migrations target service dir)
    get_filename_component(dir ${dir} ABSOLUTE)
    file(GLOB files CONFIGURE_DEPENDS ${dir}/*.sql)
    set(root ${PROJECT_BINARY_DIR}/generated)
    set(header ${root}/${service}/schema.h)
    add_custom_command(OUTPUT ${header}
        COMMAND ${CMAKE_COMMAND} -D SERVICE=${service} -D DIR=${dir} -D HEADER=${header}
            -P ${PROJECT_SOURCE_DIR}/cmake/migrations.cmake
        DEPENDS ${files} ${PROJECT_SOURCE_DIR}/cmake/migrations.cmake
        COMMENT "Embedding the schema of ${service}" VERBATIM)
    target_sources(${target} PRIVATE ${header})
    target_include_directories(${target} PUBLIC ${root})
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE OR NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
    return()
endif()

# Sets `into` to the text of a migration for one engine, or stops when there is none.
function(read_text stem engine into)
    if(EXISTS ${DIR}/${stem}.sql)
        file(READ ${DIR}/${stem}.sql text)
    elseif(EXISTS ${DIR}/${stem}.${engine}.sql)
        file(READ ${DIR}/${stem}.${engine}.sql text)
    else()
        message(FATAL_ERROR "${DIR}: migration ${stem} has no text for ${engine}")
    endif()
    set(${into} "${text}" PARENT_SCOPE)
endfunction()

file(GLOB files RELATIVE ${DIR} ${DIR}/*.sql)
set(stems)
foreach(file IN LISTS files)
    if(NOT file MATCHES "^([0-9][0-9][0-9]_[a-z0-9_]+)(\\.sqlite|\\.postgres)?\\.sql$")
        message(FATAL_ERROR "${DIR}/${file}: a migration is named 001_some_words.sql")
    endif()
    list(APPEND stems ${CMAKE_MATCH_1})
endforeach()
list(REMOVE_DUPLICATES stems)
list(SORT stems)
if(NOT stems)
    message(FATAL_ERROR "${DIR} holds no migrations")
endif()

set(rows "")
set(last 0)
file(WRITE ${HEADER}.new "// Made by cmake/migrations.cmake from the .sql files of ${SERVICE}; change those.\n#pragma once\n\n\
#include \"platform/db/migrations.h\"\n\nnamespace souk::${SERVICE} {\n\ninline constexpr db::Migration migration_list[] = {\n")
foreach(stem IN LISTS stems)
    string(REGEX MATCH "^0*([0-9]+)_(.*)$" ignored ${stem})
    if(CMAKE_MATCH_1 EQUAL last)
        message(FATAL_ERROR "${DIR}: two migrations have the number ${last}")
    endif()
    set(last ${CMAKE_MATCH_1})
    file(APPEND ${HEADER}.new "{${last}, \"${CMAKE_MATCH_2}\",\n")
    read_text(${stem} sqlite text)
    file(APPEND ${HEADER}.new "R\"souk_sql(${text})souk_sql\",\n")
    read_text(${stem} postgres text)
    file(APPEND ${HEADER}.new "R\"souk_sql(${text})souk_sql\"},\n")
endforeach()
file(APPEND ${HEADER}.new "};\n\ninline db::Migrations migrations() { return migration_list; }\n\n}  // namespace souk::${SERVICE}\n")
file(RENAME ${HEADER}.new ${HEADER})
