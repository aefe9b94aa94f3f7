// A fixed rate of orders for one product.

#include "modes.h"
#include "open_loop.h"

namespace offer {

namespace {

class RateRun final : public OpenLoop {
public:
    explicit RateRun(const Options& options)
        : OpenLoop(options, options.rate_per_second), requests_(options.product, options.seed) {}

    std::string result() const { return '{' + json() + '}'; }

private:
    std::string_view request(std::uint64_t, std::uint32_t) override { return requests_.next(); }

    Orders requests_;
};

}  // namespace

std::string run_rate(const Options& options) {
    RateRun run(options);
    run.run();
    return run.result();
}

}  // namespace offer
