#include "services/store/tests/on_sqlite.h"

#include "platform/db/tests/temporary_folder.h"

#include <string>

namespace souk::store {

db::Place fresh_file() {
    static const db::TemporaryFolder folder;
    static int files = 0;
    db::Place place;
    place.file = folder.path() / ("store-" + std::to_string(++files) + ".db");
    place.schema = "store";
    return place;
}

}  // namespace souk::store
