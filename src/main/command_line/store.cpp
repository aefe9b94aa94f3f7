// souk store …
#include "main/command_line/command_line.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

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

using MailCommand = int (*)(const CommandLine&, const commands::MailWanted&);

// What can be listed, and sent again.
struct Mail {
    const char* name;
    const char* help;
    std::vector<std::string> states;
    const char* id_help;
    MailCommand list;
    MailCommand resend;
};

CLI::App& add_resend(CLI::App& mail, Said& said, const char* id_help) {
    CLI::App* const resend =
        mail.add_subcommand("resend", "Send one once more, or all that were given up");
    CLI::Option_group* const which = resend->add_option_group("Which");
    which->add_option("ID", said.mail.id, id_help)->check(CLI::PositiveNumber);
    which->add_flag_callback("--failed", [] {}, "all that were given up");  // no id says so
    which->require_option(1);
    return *resend;
}

void finish(CLI::App& command, Said& said, MailCommand run) {
    command.add_flag("--json", said.mail.as_json, "as JSON");
    add_settings(command, said.line);
    command.callback([&said, run] { said.code = run(own_line(said), said.mail); });
}

void add_mail(CLI::App& store, Said& said, const Mail& what) {
    CLI::App* const mail = store.add_subcommand(what.name, what.help)->require_subcommand(1);
    CLI::App& list = *mail->add_subcommand("list", "List them, the newest first");
    list.add_option("--state", said.mail.state, "only in this state")
        ->check(CLI::IsMember(what.states));
    list.add_option("--limit", said.mail.limit, "at most so many (default 100)")
        ->check(CLI::Range(1, 1'000'000));
    CLI::App& resend = add_resend(*mail, said, what.id_help);
    finish(list, said, what.list);
    finish(resend, said, what.resend);
}

}  // namespace

void add_store(CLI::App& app, Said& said) {
    CLI::App* const store =
        app.add_subcommand("store", "Commands of the store service")->require_subcommand(1);
    add_token(*store, said);
    add_mail(*store, said,
             {
                 .name = "contact",
                 .help = "Messages of the contact form",
                 .states = {"pending", "sent", "failed", "disabled"},
                 .id_help = "the message's id",
                 .list = &commands::store_contact_list,
                 .resend = &commands::store_contact_resend
    });
    add_mail(*store, said,
             {
                 .name = "orders",
                 .help = "Orders and their confirmation mail",
                 .states = {"pending", "failed", "settled"},
                 .id_help = "the order's id",
                 .list = &commands::store_orders_list,
                 .resend = &commands::store_orders_resend
    });
}

}  // namespace souk::command_line
