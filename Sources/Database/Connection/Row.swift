import CMariaDB

/// One row of a result, its values as the server's text; SQL NULL is nil.
package struct Row: Sendable, Equatable {
    package let columns: [String]
    package let values: [String?]

    package init(columns: [String], values: [String?]) {
        self.columns = columns
        self.values = values
    }

    /// The first column's value.
    package var first: String? { self.values.first ?? nil }

    /// The value of a column, by any of the names that different servers give it, whatever their case.
    package subscript(_ names: String...) -> String? {
        for name in names {
            if let index = self.columns.firstIndex(where: { $0.lowercased() == name.lowercased() }) {
                return self.values[index]
            }
        }
        return nil
    }

    static func all(of result: UnsafeMutablePointer<MYSQL_RES>) -> [Row] {
        let count = Int(mysql_num_fields(result))
        guard let fields = mysql_fetch_fields(result) else { return [] }
        let columns = (0..<count).map { index in
            fields[index].name.map { String(cString: $0) } ?? ""
        }
        var rows: [Row] = []
        while let row = mysql_fetch_row(result), let lengths = mysql_fetch_lengths(result) {
            let values = (0..<count).map { index in
                row[index].map { start in
                    String(
                        decoding: UnsafeRawBufferPointer(start: start, count: Int(lengths[index])),
                        as: UTF8.self
                    )
                }
            }
            rows.append(Row(columns: columns, values: values))
        }
        return rows
    }
}
