@testable import CommandLineTool

/// Values of one variable that start a gateway, and values that stop it.
struct SettingRow: CustomStringConvertible {
    let name: String
    let good: [String]
    let bad: [String]

    init(_ name: String, good: [String], bad: [String]) {
        self.name = name
        self.good = good
        self.bad = bad
    }

    var description: String { name }
}

/// A row of every variable but those that name files, and the two halves of an API key.
enum SettingTable {
    static let rows: [SettingRow] = vendors + server + calls

    private static let hex = "5f0c1b7de1a94c7fb1d9a7c4e0b2d836"
    private static let badSecrets = [
        "short", "fifteen-charact", "your-twilio-auth-token", "at-least-sixteen-characters", "\"\(hex)\"", "'\(hex)'",
        "tokén-of-sixteen-c", "a b c d e f g h i j",
    ]
    private static let badOrigins = [
        "api.example.com", "http://api.example.com", "https://api.example.com/v1", "https://api.example.com?x=1",
        "https://u:p@api.example.com", "ftp://api.example.com", "https://", "https://api.example.com#x",
        "http://10.0.0.1", "http://localhost.example.com",
    ]

    private static let vendors = [
        SettingRow(
            "TWILIO_ACCOUNT_SID",
            good: ["AC" + hex, "AC" + hex.uppercased()],
            bad: [
                "CA" + hex, "AC" + hex.dropLast(), "AC" + hex + "0", "ac" + hex,
                "AC" + String(repeating: "g", count: 32),
            ]
        ),
        SettingRow("TWILIO_AUTH_TOKEN", good: [hex, "0123456789abcdef"], bad: badSecrets),
        SettingRow("TWILIO_AUTH_TOKEN_SECONDARY", good: [hex, ""], bad: badSecrets),
        SettingRow(
            "TWILIO_PHONE_NUMBER",
            good: ["+12025550143", "+4930123456"],
            bad: ["12025550143", "+1 202 555 0143", "+02025550143", "+1202555014312345", "tel:+12025550143", "+١٢٣٤"]
        ),
        SettingRow(
            "TWILIO_BASE_URL",
            good: ["https://api.twilio.com", "https://api.example.com/", "http://127.0.0.1:9", ""],
            bad: badOrigins
        ),
        SettingRow("ULTRAVOX_API_KEY", good: ["Zk3vQm9x.Yt7LrW2pNc5"], bad: badSecrets),
        SettingRow(
            "ULTRAVOX_WEBHOOK_SECRETS",
            good: [hex, "\(hex), 0123456789abcdef", ""],
            bad: badSecrets + ["\(hex),", ",\(hex)", "\(hex),,\(hex)", "\(hex),short", ","]
        ),
        SettingRow(
            "ULTRAVOX_TIMESTAMP_TOLERANCE",
            good: ["1s", "5m", "1h", ""],
            bad: ["0s", "999ms", "61m", "5", "5min", "-5m"]
        ),
        SettingRow(
            "ULTRAVOX_BASE_URL",
            good: ["https://api.ultravox.ai", "http://localhost:9002", "http://[::1]:1", ""],
            bad: badOrigins
        ),
        SettingRow(
            "UPSTREAM_PROXY",
            good: [
                "http://proxy:3128", "https://u:p@proxy.example.com", "socks5h://127.0.0.1:1080", "socks5://[::1]:9",
                "",
            ],
            bad: [
                "proxy:3128", "ftp://proxy", "http://", "http://u:p@", "http://a@b@c", "http://proxy:99999",
                "http://p/x",
            ]
        ),
    ]

    private static let server = [
        SettingRow(
            "PUBLIC_BASE_URL",
            good: [
                "https://calls.example.com", "https://Calls.example.com:8443/a/b/", "http://127.0.0.1:8080",
                "http://localhost", "http://[::1]:9", "https://a.example/" + String(repeating: "x", count: 102),
            ],
            bad: badOrigins.filter { !$0.hasSuffix("/v1") } + [
                "https://my_host.example.com", "https://a.example/" + String(repeating: "x", count: 103),
                "https://a.example//b", "https://a.example/../b", "calls.example.com", "HTTPS://a.example",
            ]
        ),
        SettingRow(
            "API_KEYS",
            good: [
                "a:0123456789abcdef", "a:0123456789abcdef,b:0123456789abcdeF",
                "A_b-9:0123456789abcdef , b:with:colons:in:it:1",
            ],
            bad: [
                "0123456789abcdef", "a:short", ":0123456789abcdef", "a b:0123456789abcdef", "a:0123456789abcdef,",
                ",a:0123456789abcdef", "a:0123456789abcdef,a:0123456789abcdeF", "a:0123456789abcdef,b:0123456789abcdef",
                String(repeating: "a", count: 65) + ":0123456789abcdef", "a:", "é:0123456789abcdef",
                "a:0123456789abcdéf",
                "a:your-api-key-of-16-characters-or-more", "backend:at-least-sixteen-characters",
                "\"a:0123456789abcdef\"", "'a:0123456789abcdef'", "a:\"0123456789abcdef\"", "a:'0123456789abcdef'",
                "a:0123456789abcdef,'b:0123456789abcdeF'",
            ]
        ),
        SettingRow(
            "HOST",
            good: ["127.0.0.1", "0.0.0.0", "::", "::1", "localhost", "gateway.internal", ""],
            bad: [
                "[::1]", "127.0.0.1:80", "localhost:80", "http://localhost", "a b", "256.0.0.1", "*", "/run/socket",
                ":::",
            ]
        ),
        SettingRow(
            "PORT",
            good: ["0", "80", "65535", ""],
            bad: ["65536", "-1", "+80", "http", "8080 ", "80.0", "٨٠", "0x50"]
        ),
        SettingRow("MAX_CONNECTIONS", good: ["1", "10000", ""], bad: ["0", "-1", "many", "1000001", "1e3"]),
        SettingRow(
            "CALLBACK_SECRET",
            good: ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_\(String(repeating: "A", count: 86))=="],
            bad: [
                "C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64 at all, not at all",
                "whsec_\(String(repeating: "A", count: 88))", "whsec_eW91ci1jYWxsYmFjay1zZWNyZXQtb2YtMzItYnl0ZXM=",
            ]
        ),
        SettingRow(
            "CORS_ORIGINS",
            good: ["https://app.example.com", "http://localhost:3000, https://b.example", ""],
            bad: [
                "*", "app.example.com", "https://a.example/x", "https://a.example,",
                "https://a.example,,https://b.example", "null",
            ]
        ),
        SettingRow("RATE_LIMIT_PER_MINUTE", good: ["1", "600", ""], bad: ["0", "none", "-1", "1.5"]),
        SettingRow("READ_LIMIT_PER_MINUTE", good: ["1", "6000", ""], bad: ["0", "none", "-1", "1.5"]),
        SettingRow("SHUTDOWN_GRACE", good: ["0s", "20s", "1h", ""], bad: ["20", "61m", "1.5s", "20 s"]),
        SettingRow(
            "KEEP_ALIVE",
            good: ["1s", "75s", "620s", "24h", ""],
            bad: ["0s", "999ms", "75", "25h", "75 s", "'75s'"]
        ),
        SettingRow(
            "LOG_LEVEL",
            good: ["trace", "debug", "info", "notice", "warning", "error", "critical", "INFO", "Warning", ""],
            bad: ["warn", "fatal", "0", "off", "\"info\"", "'info'", "ınfo"]
        ),
        SettingRow("LOG_FORMAT", good: ["json", "text", "JSON", "Text", ""], bad: ["xml", "json,text", "\"json\""]),
        SettingRow(
            "ENVIRONMENT",
            good: ["production", "development", "Production", "DEVELOPMENT", ""],
            bad: ["prod", "dev", "test"]
        ),
    ]

    private static let calls = [
        SettingRow(
            "INBOUND_AGENT_ID",
            good: ["11111111-2222-4333-8444-555555555555", ""],
            bad: ["agent", "1111111122224333844455555555555", "11111111-2222-4333-8444-55555555555g"]
        ),
        SettingRow(
            "MAX_CALL_DURATION",
            good: ["1s", "1h", "4h", "240m", ""],
            bad: ["0s", "241m", "5h", "1d", "1500ms", "3600", "none"]
        ),
        SettingRow(
            "CALLS_PER_SECOND",
            good: ["1", "0.5", "30", "0.001", "1000", ""],
            bad: [
                "0", "0.0", "0.0009", "0.0000000000000001", "-1", "+1", ".5", "1.", "1e1", "inf", "nan", "0x1", "1,5",
                "1000.1", "1001", "1.2.3",
            ]
        ),
        SettingRow("QUEUE_MAX_WAIT", good: ["0s", "60s", "24h", ""], bad: ["60", "25h", "forever"]),
        SettingRow("QUEUE_LIMIT", good: ["0", "1000", ""], bad: ["-1", "1.0", "unlimited"]),
        SettingRow("MAX_CONCURRENT_CALLS", good: ["1", "100", ""], bad: ["0", "-1", "all"]),
        SettingRow("MAX_CALLS_PER_DAY", good: ["1", "5000", ""], bad: ["0", "-1", "none"]),
        SettingRow(
            "ALLOWED_COUNTRIES",
            good: ["US", "US,CA, DE", "*", "XK", ""],
            bad: ["us", "USA", "UK", "ZZ", "US,", ",US", "US,,CA", "*,US", "+1", "US CA", "EU"]
        ),
        SettingRow(
            "PARALLEL_CALLS_TO_NUMBER",
            good: ["true", "false", "True", "FALSE", ""],
            bad: ["yes", "1", "'true'"]
        ),
        SettingRow("NUMBER_COOLDOWN", good: ["0s", "24h", "30d", ""], bad: ["0", "31d", "day"]),
        SettingRow("RECONCILE_AFTER", good: ["1s", "30s", "24h", ""], bad: ["0s", "30", "25h"]),
        SettingRow("UNCONFIRMED_AFTER", good: ["1s", "15m", "7d", ""], bad: ["0s", "15", "8d"]),
        SettingRow(
            "JOURNAL",
            good: ["none", "None", "", "sqlite:switchboard.sqlite", "sqlite:/var/lib/switchboard/journal.sqlite"],
            bad: [
                "sqlite", "sqlite:", "sqlite:/var/lib/", "switchboard.sqlite", "redis://127.0.0.1:6379/0",
                "rediss://a.example:1/0", "postgres://a", "nothing",
            ]
        ),
        SettingRow("REDIS_WAIT_REPLICAS", good: ["0", "2", ""], bad: ["-1", "101", "all"]),
        SettingRow("CALL_RETENTION", good: ["1s", "7d", "400d", ""], bad: ["0s", "401d", "7", "week"]),
        SettingRow("MAX_CALLS_IN_MEMORY", good: ["1", "1000000", ""], bad: ["0", "-1", "1e6"]),
        SettingRow(
            "SWITCHBOARD_URL",
            good: ["http://127.0.0.1:8080", "https://gateway.example.com/calls", ""],
            bad: ["127.0.0.1:8080", "http://gateway.example.com", "https://g.example?x"]
        ),
        SettingRow("SWITCHBOARD_API_KEY", good: ["0123456789abcdef", ""], bad: badSecrets),
    ]
}
