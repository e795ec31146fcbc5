import CallDomain
import Testing

@testable import UltravoxAdapter

@Suite struct DurationTextTests {
    @Test(arguments: [
        (Duration.seconds(60), "60s"), (.milliseconds(640), "0.640s"), (.milliseconds(61_005), "61.005s"),
        (.zero, "0s"), (.seconds(-1), "0s"),
    ])
    func `writes seconds`(_ duration: Duration, _ text: String) {
        #expect(DurationText.text(of: duration) == text)
    }

    @Test(arguments: [
        ("60s", Duration.seconds(60)), ("0.640s", .milliseconds(640)), ("0.000000001s", .nanoseconds(1)),
        ("-1.5s", .milliseconds(-1500)), ("0s", .zero),
    ])
    func `reads what Ultravox writes`(_ text: String, _ duration: Duration) {
        #expect(DurationText.duration(from: text) == duration)
    }

    @Test(arguments: [
        "", "s", "60", "01s", "+1s", "1.s", ".5s", "1.0000000001s", "640ms", "1e3s", "1.2.3s", "١s", "1 s", "--1s",
    ])
    func `reads nothing else`(_ text: String) {
        #expect(DurationText.duration(from: text) == nil)
    }
}
