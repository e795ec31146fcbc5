import Crypto

/// A number of the account. <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource>
enum OwnedNumber {
    /// The same number always has the same SID.
    static func sid(of number: String) -> String {
        "PN" + SHA256.hash(data: Array(number.utf8)).prefix(16).hexadecimal
    }

    static func json(_ number: String, accountSid: String, created: String) -> JSON {
        let sid = sid(of: number)
        return [
            "sid": .string(sid), "account_sid": .string(accountSid), "phone_number": .string(number),
            "friendly_name": .string(PhoneCall.formatted(number)), "api_version": "2010-04-01",
            "address_requirements": "none", "address_sid": nil, "beta": false, "bundle_sid": nil,
            "capabilities": ["voice": true, "sms": false, "mms": false, "fax": false],
            "date_created": .string(created), "date_updated": .string(created), "emergency_address_sid": nil,
            "emergency_address_status": "unregistered", "emergency_status": "Active", "identity_sid": nil,
            "origin": "twilio", "sms_application_sid": "", "sms_fallback_method": "POST", "sms_fallback_url": "",
            "sms_method": "POST", "sms_url": "", "status": "in-use", "status_callback": "",
            "status_callback_method": "POST", "trunk_sid": nil, "type": "local", "voice_application_sid": nil,
            "voice_caller_id_lookup": false, "voice_fallback_method": "POST", "voice_fallback_url": "",
            "voice_method": "POST", "voice_receive_mode": "voice", "voice_url": "", "subresource_uris": [:],
            "uri": "/2010-04-01/Accounts/\(accountSid)/IncomingPhoneNumbers/\(sid).json",
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
