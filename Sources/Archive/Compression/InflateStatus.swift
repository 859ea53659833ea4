import CISAL

/// The names of igzip_lib.h for what inflating returns, in words.
enum InflateStatus {
    static func describe(_ status: Int32) -> String {
        switch status {
        case ISAL_END_INPUT: "the member ends too early"
        case ISAL_OUT_OVERFLOW: "the member holds more than it may"
        case ISAL_INVALID_BLOCK: "invalid deflate block"
        case ISAL_INVALID_SYMBOL: "invalid deflate symbol"
        case ISAL_INVALID_LOOKBACK: "invalid deflate distance"
        case ISAL_INVALID_WRAPPER: "invalid gzip header"
        case ISAL_UNSUPPORTED_METHOD: "unknown gzip compression method"
        case ISAL_INCORRECT_CHECKSUM: "the gzip CRC-32 or length differs"
        default: "ISA-L \(status)"
        }
    }
}
