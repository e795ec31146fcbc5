import Testing

@testable import CommandLineTool

@Suite("Near misses of names")
struct NearMissTests {
    private let nearMiss = NearMiss(names: SettingCatalogue.all.map(\.name))

    @Test(
        "A misspelt long name is recognised everywhere",
        arguments: [
            ("TWILIO_AUTH_TOKN", "TWILIO_AUTH_TOKEN"), ("TWILIO_AUHT_TOKEN", "TWILIO_AUTH_TOKEN"),
            ("TWILIO_AUT_TOKN", "TWILIO_AUTH_TOKEN"),
            ("TWILIOAUTHTOKEN", "TWILIO_AUTH_TOKEN"),
            ("TWILIO_AUTHTOKEN", "TWILIO_AUTH_TOKEN"), ("twilio_auth_token", "TWILIO_AUTH_TOKEN"),
            ("Twilio_Auth_Tokn", "TWILIO_AUTH_TOKEN"), ("TWILIO_ACCOUNT_ID", "TWILIO_ACCOUNT_SID"),
            ("TWILIO_AUTH_TOKEN_SECONDRY", "TWILIO_AUTH_TOKEN_SECONDARY"), ("API_KEY", "API_KEYS"),
            ("ULTRAVOX_APIKEY", "ULTRAVOX_API_KEY"), ("ULTRAVOX_WEBHOOK_SECRET", "ULTRAVOX_WEBHOOK_SECRETS"),
            ("PUBLIC_BASE_URI", "PUBLIC_BASE_URL"), ("CORS_ORIGIN", "CORS_ORIGINS"), ("LOGLEVEL", "LOG_LEVEL"),
            ("TWILIO_AUTH_TOKEN_FIEL", "TWILIO_AUTH_TOKEN_FILE"), ("API_KEY_FILE", "API_KEYS_FILE"),
            ("MAX_CALLS_DURATION", "MAX_CALL_DURATION"), ("SWITCHBOARD_URI", "SWITCHBOARD_URL"),
        ]
    )
    func recognises(name: String, meant: String) {
        #expect(nearMiss.suggestion(for: name, in: .environment) == meant)
        #expect(nearMiss.suggestion(for: name, in: .dotEnv) == meant)
    }

    @Test(
        "A misspelt short name is recognised in .env alone",
        arguments: [
            ("PROT", "PORT"), ("port", "PORT"), ("HOSTS", "HOST"), ("JURNAL", "JOURNAL"), ("journal", "JOURNAL"),
        ]
    )
    func recognisesShortNames(name: String, meant: String) {
        #expect(nearMiss.suggestion(for: name, in: .dotEnv) == meant)
        #expect(nearMiss.suggestion(for: name, in: .environment) == nil)
    }

    @Test(
        "Of names up to 10 letters one edit counts in the environment, two in .env",
        arguments: [
            ("API_KYES", "API_KYE", "API_KEYS"), ("APIKEYS_FILE", "APIKEY_FILE", "API_KEYS_FILE"),
            ("LOG_FROMAT", "LOGFROMAT", "LOG_FORMAT"), ("TWIML_DIRS", "TWIMLDIRS", "TWIML_DIR"),
        ]
    )
    func allowsFewerEditsInTheEnvironment(near: String, farther: String, meant: String) {
        #expect(nearMiss.suggestion(for: near, in: .environment) == meant)
        #expect(nearMiss.suggestion(for: farther, in: .environment) == nil)
        #expect(nearMiss.suggestion(for: farther, in: .dotEnv) == meant)
    }

    @Test(
        "Ordinary variables are left alone",
        arguments: [
            "PATH", "HOME", "HOSTNAME", "HOSTTYPE", "HOSTFILE", "LANG", "LC_ALL", "TERM", "SHELL", "USER", "LOGNAME",
            "PWD", "OLDPWD", "SHLVL", "_", "TZ", "EDITOR", "JOURNAL_STREAM", "INVOCATION_ID", "NOTIFY_SOCKET",
            "LISTEN_FDS", "SSH_AUTH_SOCK", "KUBERNETES_PORT", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT",
            "SWITCHBOARD_SERVICE_HOST", "SWITCHBOARD_PORT", "SWITCHBOARD_PORT_8080_TCP", "http_proxy", "HTTPS_PROXY",
            "NO_PROXY", "SSL_CERT_FILE", "LOG_DIR", "LOG_FILE", "DEBUG", "CI", "TWILIO_AU_TOKN", "NODE_ENV", "APP_KEY",
            "APP_KEY_FILE", "TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_REGION", "TWILIO_EDGE", "BASE_URL",
            "DATABASE_URL", "REDIS_URL", "PORTS",
            "TMPDIR", "SWIFT_BACKTRACE", "XDG_RUNTIME_DIR", "MAIL", "DISPLAY", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY",
        ]
    )
    func leavesAlone(name: String) {
        #expect(nearMiss.suggestion(for: name, in: .environment) == nil)
    }

    @Test("No known name is a near miss of another")
    func knowsItsOwn() {
        for name in SettingCatalogue.all.map(\.name) {
            for known in [name, name + "_FILE"] {
                #expect(nearMiss.isKnown(known))
                #expect(nearMiss.suggestion(for: known, in: .dotEnv) == nil)
            }
        }
    }

    @Test(
        "The distance counts insertions, deletions, substitutions and swaps",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1), ("ab", "cd", 2),
        ]
    )
    func distance(left: String, right: String, edits: Int) {
        #expect(NearMiss.distance(Array(left.utf8), Array(right.utf8)) == edits)
        #expect(NearMiss.distance(Array(right.utf8), Array(left.utf8)) == edits)
    }
}
