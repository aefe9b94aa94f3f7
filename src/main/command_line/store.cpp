// souk store …
#include "main/command_line/command_line.h"

#include <CLI/CLI.hpp>

namespace souk::command_line {
namespace {

// Its settings alone: what other services have set wrong is not its business.
const CommandLine& own_line(Said& said) {
    said.line.services = {"store"};
    return said.line;
}

void add_token(CLI::App& store, Said& said) {
    CLI::App* const token = store.add_subcommand(
        "token", "Print a token for local work, good for an hour, that the program accepts");
    token->add_option("--email", said.token.email, "the caller's address")
        ->required()
        ->check([](const std::string& email) {
            return email.empty() ? std::string("an address is needed") : std::string();
        });
    token->add_option("--name", said.token.name, "the caller's name");
    token->add_option("--sub", said.token.subject, "the caller's subject (default: the address)");
    add_settings(*token, said.line);
    token->callback([&said] { said.code = commands::store_token(own_line(said), said.token); });
}

void add_contact(CLI::App& store, Said& said) {
    CLI::App* const contact =
        store.add_subcommand("contact", "Messages of the contact form")->require_subcommand(1);
    CLI::App* const list = contact->add_subcommand("list", "List them, the newest first");
    list->add_option("--state", said.contact.state, "only in this state")
        ->check(CLI::IsMember({"pending", "sent", "failed", "disabled"}));
    list->add_option("--limit", said.contact.limit, "at most so many (default 100)")
        ->check(CLI::Range(1, 1'000'000));
    list->callback(
        [&said] { said.code = commands::store_contact_list(own_line(said), said.contact); });

    CLI::App* const resend =
        contact->add_subcommand("resend", "Forward one once more, or all that were given up");
    CLI::Option_group* const which = resend->add_option_group("Which");
    which->add_option("ID", said.contact.id, "the message's id")->check(CLI::PositiveNumber);
    which->add_flag_callback("--failed", [] {}, "all that were given up");  // no id says so
    which->require_option(1);
    resend->callback(
        [&said] { said.code = commands::store_contact_resend(own_line(said), said.contact); });

    for (CLI::App* command : {list, resend}) {
        command->add_flag("--json", said.contact.as_json, "as JSON");
        add_settings(*command, said.line);
    }
}

}  // namespace

void add_store(CLI::App& app, Said& said) {
    CLI::App* const store =
        app.add_subcommand("store", "Commands of the store service")->require_subcommand(1);
    add_token(*store, said);
    add_contact(*store, said);
}

}  // namespace souk::command_line
