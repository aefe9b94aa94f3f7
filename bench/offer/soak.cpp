// A fixed rate of orders for products in stock, with sell-outs and /init between. What was not
// decided is sent again with its key, as the contract tells clients, so that at the end the
// database must hold exactly what was promised; the sums of ids and keys say whether it does.

#include "clock.h"
#include "modes.h"
#include "open_loop.h"
#include "shelf.h"

#include <array>
#include <stdexcept>
#include <strings.h>

namespace offer {

namespace {

// Every so many orders one goes to a product that is sold out: a tenth more than the rate.
constexpr std::uint64_t sold_out_every = 11;
constexpr int tries_max = 100;

// The sum of 128-bit numbers written as UUIDs, each half for itself.
struct UuidSum {
    std::array<std::uint64_t, 2> halves{};
    std::uint64_t count = 0;

    void add(std::string_view uuid) {
        std::array<std::uint64_t, 2> bits{};
        std::size_t digits = 0;
        for (const char c : uuid) {
            if (c == '-') continue;
            const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
            std::uint64_t& half = bits[digits++ < 16 ? 0 : 1];
            half = half << 4 | static_cast<std::uint64_t>(digit);
        }
        halves[0] += bits[0];
        halves[1] += bits[1];
        ++count;
    }

    std::string json() const {
        return '[' + std::to_string(count) + ",\"" + std::to_string(halves[0]) + "\",\"" +
               std::to_string(halves[1]) + "\"]";
    }
};

std::string_view order_id_of(std::string_view head) {
    constexpr std::string_view name = "x-order-id: ";
    for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;
         line = head.find("\r\n", line + 2)) {
        const std::string_view rest = head.substr(line + 2);
        if (rest.size() < name.size() + 36) return {};
        if (strncasecmp(rest.data(), name.data(), name.size()) == 0)
            return rest.substr(name.size(), 36);
    }
    return {};
}

class SoakRun final : public OpenLoop {
public:
    explicit SoakRun(const Options& options);
    std::string result() const;

private:
    // The order under way on one connection.
    struct Sent {
        std::string bytes;
        std::string key;
        std::size_t product = 0;
        std::size_t sale = 0;
        int tries = 0;
    };

    std::string_view request(std::uint64_t order, std::uint32_t line) override;
    bool is_over(std::uint32_t line, const Answer& answer, Outcome outcome) override;
    bool gives_up(std::uint32_t line) override;
    std::string_view again(std::uint32_t line) override { return sent_[line].bytes; }
    void each_turn(std::int64_t now) override;
    void beside(std::int64_t now) override;
    void send_init(std::size_t product);
    void note_promise(const Sent& order, std::string_view id);

    Shelf shelf_;
    std::vector<Sent> sent_;
    Connection admin_;
    std::optional<std::size_t> being_opened_;
    UuidSum ids_;
    UuidSum keys_;
    std::uint64_t sent_again_ = 0;
    std::uint64_t given_up_ = 0;
    std::uint64_t ignored_at_once_ = 0;
};

SoakRun::SoakRun(const Options& options)
    : OpenLoop(options, options.rate_per_second * sold_out_every / (sold_out_every - 1)),
      shelf_(options.products, options.stock, options.seed),
      sent_(options.connections) {
    if (!admin_.open(options.server)) throw std::runtime_error("cannot connect for /init");
    // Every product is on sale before the first order is due.
    for (std::size_t i = 0; i < options.products; ++i) {
        send_init(i);
        while (being_opened_) beside(now_ns());
    }
    poller_.add(admin_.socket(), beside_tag());
}

void SoakRun::send_init(std::size_t product) {
    if (!admin_.send(shelf_.init_request(product))) throw std::runtime_error("/init not sent");
    being_opened_ = product;
}

void SoakRun::beside(std::int64_t now) {
    Answer answer;
    switch (admin_.receive(answer)) {
        case Connection::Progress::waiting:
            return;
        case Connection::Progress::broken:
            throw std::runtime_error("the connection of /init broke");
        case Connection::Progress::answered:
            break;
    }
    if (answer.status != 200 || !being_opened_)
        throw std::runtime_error("/init was answered " + std::to_string(answer.status));
    shelf_.note_opened(*being_opened_, now);
    being_opened_.reset();
}

void SoakRun::each_turn(std::int64_t now) {
    if (being_opened_) return;
    if (const std::optional<std::size_t> next = shelf_.due_for_init(now)) send_init(*next);
}

std::string_view SoakRun::request(std::uint64_t order, std::uint32_t line) {
    const bool to_sold_out = order % sold_out_every == 0;
    Sent& sent = sent_[line];
    sent.product = to_sold_out ? shelf_.pick_sold_out() : shelf_.pick_selling();
    sent.sale = shelf_.sale_now(sent.product);
    sent.tries = 1;
    Orders& orders = shelf_.orders(sent.product);
    sent.bytes = orders.next();
    sent.key = orders.key();
    return sent.bytes;
}

bool SoakRun::is_over(std::uint32_t line, const Answer& answer, Outcome outcome) {
    Sent& order = sent_[line];
    if (outcome == Outcome::unexpected) return gives_up(line);
    if (outcome == Outcome::sold_out) shelf_.note_sold_out(order.product, order.sale, now_ns());
    if (outcome == Outcome::accepted || outcome == Outcome::ignored)
        note_promise(order, order_id_of(answer.head));
    if (outcome == Outcome::ignored && order.tries == 1) ++ignored_at_once_;
    return true;
}

void SoakRun::note_promise(const Sent& order, std::string_view id) {
    if (id.empty()) throw std::runtime_error("an accepted order has no X-Order-Id");
    ids_.add(id);
    keys_.add(order.key);
}

bool SoakRun::gives_up(std::uint32_t line) {
    if (++sent_[line].tries > tries_max) {
        ++given_up_;
        return true;
    }
    ++sent_again_;
    return false;
}

std::string SoakRun::result() const {
    return '{' + json() + ",\"ids\":" + ids_.json() + ",\"keys\":" + keys_.json() +
           ",\"sent_again\":" + std::to_string(sent_again_) +
           ",\"given_up\":" + std::to_string(given_up_) +
           ",\"ignored_at_once\":" + std::to_string(ignored_at_once_) +
           ",\"sales\":" + shelf_.json() + '}';
}

}  // namespace

std::string run_soak(const Options& options) {
    SoakRun run(options);
    run.run();
    return run.result();
}

}  // namespace offer
