extension TwiMLTemplate.Name {
    /// The copy of the file in `twiml/`, for an executable without that directory.
    var builtIn: String {
        switch self {
        case .connect:
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Response>
                <Connect>
                    <Stream url="{{join_url}}" statusCallback="{{stream_status_url}}" statusCallbackMethod="POST"/>
                </Connect>
                <Hangup/>
            </Response>

            """
        case .unavailable, .fallback:
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Response>
                <Say language="{{language}}">{{message}}</Say>
                <Hangup/>
            </Response>

            """
        case .reject:
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Response>
                <Reject reason="rejected"/>
            </Response>

            """
        case .hangup:
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Response>
                <Hangup/>
            </Response>

            """
        }
    }
}
