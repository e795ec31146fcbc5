package import CallDomain
import ServiceLifecycle

/// Asks each vendor how it is: once at the start, every few seconds while it is down, and where nothing was heard of it
/// for half a minute. Never with somebody's order.
package struct VendorWatch: Service {
    private static let interval = Duration.seconds(1)

    private let flow: CallFlow
    private let clock: any WallClock

    package init(flow: CallFlow, clock: any WallClock) {
        self.flow = flow
        self.clock = clock
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            repeat { await flow.probeVendors() } while (try? await clock.sleep(for: Self.interval)) != nil
        }
    }
}

extension CallFlow {
    /// Probes the vendors of which nothing recent is known, both at the same time.
    package func probeVendors() async {
        async let twilio: Void = twilioGuard.probeIfDue { () throws(VendorFailure) in
            try await telephony.checkAccess()
        }
        await ultravoxGuard.probeIfDue { () throws(VendorFailure) in try await platform.checkAccess() }
        await twilio
    }
}
