// The directory everything is kept in, locked by the one process that uses it.
#pragma once

#include <string>

namespace souk {

class DataDirectory {
public:
    // Makes the directory when it is missing, so that it is there after a power cut as well, and
    // locks it. Throws std::runtime_error with a message
    // for people when it cannot, or when another process has it.
    explicit DataDirectory(const std::string& path);
    ~DataDirectory();
    DataDirectory(const DataDirectory&) = delete;
    DataDirectory& operator=(const DataDirectory&) = delete;

    static bool is_in_use(const std::string& path);

private:
    int lock_;
};

}  // namespace souk
