import Crypto
import OrderedCollections

/// A number of the account, and where its calls go. <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource>
struct OwnedNumber: Sendable {
    /// In E.164.
    let number: String
    var hasVoice = true
    /// The members of Twilio's object that say where calls go, as they are told apart from their defaults.
    private var routing: OrderedDictionary<String, JSON>

    private static let defaults: OrderedDictionary<String, JSON> = [
        "voice_url": "", "voice_method": "POST", "voice_fallback_url": "", "voice_fallback_method": "POST",
        "status_callback": "", "status_callback_method": "POST", "voice_application_sid": nil, "trunk_sid": nil,
        "voice_receive_mode": "voice",
    ]

    init(_ number: String) {
        self.number = number
        routing = Self.defaults
    }

    /// Reads what the control API is told: `phone_number`, `voice` (false for a number that only takes messages), and any
    /// member of Twilio's that says where calls go.
    init(control json: JSON) throws(FaultProblem) {
        guard let members = json.object, let number = members["phone_number"]?.string else {
            throw FaultProblem("a number is an object with phone_number")
        }
        self.init(number)
        for (name, value) in members where name != "phone_number" {
            switch (name, value, Self.defaults[name]) {
            case ("voice", .bool(let flag), _): hasVoice = flag
            case (_, .string, .some), (_, .null, .some): routing[name] = value
            default:
                throw FaultProblem(
                    "\(name): not something that a number has here",
                    allowed: ["voice"] + Self.defaults.keys
                )
            }
        }
    }

    var control: JSON {
        let members: OrderedDictionary<String, JSON> = ["phone_number": .string(number), "voice": .bool(hasVoice)]
        return .object(members.merging(routing) { $1 })
    }

    /// The same number always has the same SID.
    static func sid(of number: String) -> String {
        "PN" + SHA256.hash(data: Array(number.utf8)).prefix(16).hexadecimal
    }

    func json(accountSid: String, created: String) -> JSON {
        let sid = Self.sid(of: number)
        let members: OrderedDictionary<String, JSON> = [
            "sid": .string(sid), "account_sid": .string(accountSid), "phone_number": .string(number),
            "friendly_name": .string(PhoneCall.formatted(number)), "api_version": "2010-04-01",
            "address_requirements": "none", "address_sid": nil, "beta": false, "bundle_sid": nil,
            "capabilities": ["voice": .bool(hasVoice), "sms": .bool(!hasVoice), "mms": false, "fax": false],
            "date_created": .string(created), "date_updated": .string(created), "emergency_address_sid": nil,
            "emergency_address_status": "unregistered", "emergency_status": "Active", "identity_sid": nil,
            "origin": "twilio", "sms_application_sid": "", "sms_fallback_method": "POST", "sms_fallback_url": "",
            "sms_method": "POST", "sms_url": "", "status": "in-use", "type": "local", "voice_caller_id_lookup": false,
            "subresource_uris": [:],
            "uri": .string("/2010-04-01/Accounts/\(accountSid)/IncomingPhoneNumbers/\(sid).json"),
        ]
        return .object(members.merging(routing) { $1 })
    }
}

/// A number of somebody else's that may call for the account. <https://www.twilio.com/docs/voice/api/outgoing-caller-ids>
enum VerifiedCallerID {
    static func json(_ number: String, accountSid: String, created: String) -> JSON {
        let sid = OwnedNumber.sid(of: number)
        return [
            "sid": .string(sid), "account_sid": .string(accountSid), "phone_number": .string(number),
            "friendly_name": .string(PhoneCall.formatted(number)), "date_created": .string(created),
            "date_updated": .string(created),
            "uri": .string("/2010-04-01/Accounts/\(accountSid)/OutgoingCallerIds/\(sid).json"),
        ]
    }
}

extension Sequence<UInt8> {
    /// Lower-case hex digits.
    var hexadecimal: String {
        map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0\(digits)" : digits
        }.joined()
    }
}
