// One function per command. Each gives the exit code: 0 done, 1 refused, 2 usage, 3 unavailable.
#pragma once

#include "main/settings.h"

#include <cstdint>
#include <optional>
#include <string>

namespace souk::commands {

inline constexpr int done = 0;
inline constexpr int refused = 1;
inline constexpr int usage = 2;
inline constexpr int unavailable = 3;

int serve(const CommandLine& line);

enum class Form { table, json, markdown };
int show_config(const CommandLine& line, Form form);

int migrate(const CommandLine& line);
int version(bool as_json);

struct NewSale {
    std::string product_id;
    std::string quantity;
    std::string url;  // of the running program; empty: found out
    bool as_json = false;
};
int flash_init(const CommandLine& line, const NewSale& sale);

struct Listing {
    std::string product;  // empty: all
    std::string state;    // likewise
    std::int64_t limit = 100;
    std::optional<std::int64_t> retry;  // a dead letter's position
    bool as_json = false;
};
int flash_orders(const CommandLine& line, const Listing& wanted);
int flash_sales(const CommandLine& line, const Listing& wanted);
int flash_dead_letters(const CommandLine& line, const Listing& wanted);

struct TokenWanted {
    std::string email;
    std::string name;
    std::string subject;  // empty: the address
};
int store_token(const CommandLine& line, const TokenWanted& wanted);

// Messages of the contact form, or confirmations of orders.
struct MailWanted {
    std::string state;  // empty: all
    std::int64_t limit = 100;
    std::optional<std::int64_t> id;  // to be sent again; none: all that failed
    bool as_json = false;
};
int store_contact_list(const CommandLine& line, const MailWanted& wanted);
int store_contact_resend(const CommandLine& line, const MailWanted& wanted);
int store_orders_list(const CommandLine& line, const MailWanted& wanted);
int store_orders_resend(const CommandLine& line, const MailWanted& wanted);

struct FileWanted {
    std::string file;
    bool as_json = false;
};
int backup(const CommandLine& line, const FileWanted& wanted);
int restore(const CommandLine& line, const FileWanted& wanted);

int doctor(const CommandLine& line, bool as_json);

// Prints what is wrong with the settings, each mistake on a line of its own.
int report(const std::vector<std::string>& mistakes);

}  // namespace souk::commands
