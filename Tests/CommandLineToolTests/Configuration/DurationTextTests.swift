import Testing

@testable import CommandLineTool

@Suite("Durations as text")
struct DurationTextTests {
    @Test(
        "A whole number and a unit is a duration",
        arguments: [
            ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("15m", .seconds(900)),
            ("24h", .seconds(86_400)), ("7d", .seconds(604_800)), ("0s", .zero), ("007s", .seconds(7)),
            ("100000d", .seconds(8_640_000_000)),
        ]
    )
    func reads(text: String, duration: Duration) {
        #expect(Duration(settingText: text) == duration)
    }

    @Test(
        "Everything else is none",
        arguments: [
            "", "30", "s", "-1s", "+1s", "1.5h", "1e3s", "30 s", " 30s", "30s ", "30S", "30sec", "30s30s", "1h30m",
            "1w",
            "٣s", "100001d", "9223372036854775807d", "99999999999999999999s", "ms", "1ms ",
        ]
    )
    func refuses(text: String) {
        #expect(Duration(settingText: text) == nil)
    }

    @Test(
        "The text of a duration uses the largest unit that fits and reads back the same",
        arguments: ["500ms", "30s", "90s", "15m", "24h", "7d", "0s", "1500ms"]
    )
    func writes(text: String) throws {
        let duration = try #require(Duration(settingText: text))
        #expect(Duration(settingText: duration.settingText) == duration)
        #expect(duration.settingText == (text == "24h" ? "1d" : text))
    }
}
