/// A few vectors side by side, each in a register of its own.
protocol VectorRow {
    static var count: Int { get }

    init(_ element: (Int) -> Vector)

    func forEach(_ body: (Int, Vector) -> Void)
}

struct Three: VectorRow {
    let a, b, c: Vector

    static var count: Int { @inline(__always) get { 3 } }

    @inline(__always)
    init(a: Vector, b: Vector, c: Vector) {
        (self.a, self.b, self.c) = (a, b, c)
    }

    @inline(__always)
    init(_ element: (Int) -> Vector) {
        (a, b, c) = (element(0), element(1), element(2))
    }

    @inline(__always)
    func forEach(_ body: (Int, Vector) -> Void) {
        body(0, a)
        body(1, b)
        body(2, c)
    }
}

struct Four: VectorRow {
    let a, b, c, d: Vector

    static var count: Int { @inline(__always) get { 4 } }

    @inline(__always)
    init(a: Vector, b: Vector, c: Vector, d: Vector) {
        (self.a, self.b, self.c, self.d) = (a, b, c, d)
    }

    @inline(__always)
    init(_ element: (Int) -> Vector) {
        (a, b, c, d) = (element(0), element(1), element(2), element(3))
    }

    @inline(__always)
    func forEach(_ body: (Int, Vector) -> Void) {
        body(0, a)
        body(1, b)
        body(2, c)
        body(3, d)
    }

    @inline(__always)
    func map(_ body: (Int, Vector) -> Vector) -> Four {
        Four(a: body(0, a), b: body(1, b), c: body(2, c), d: body(3, d))
    }
}

struct Six: VectorRow {
    let a, b, c, d, e, f: Vector

    static var count: Int { @inline(__always) get { 6 } }

    @inline(__always)
    init(a: Vector, b: Vector, c: Vector, d: Vector, e: Vector, f: Vector) {
        (self.a, self.b, self.c, self.d, self.e, self.f) = (a, b, c, d, e, f)
    }

    @inline(__always)
    init(_ element: (Int) -> Vector) {
        (a, b, c) = (element(0), element(1), element(2))
        (d, e, f) = (element(3), element(4), element(5))
    }

    @inline(__always)
    func forEach(_ body: (Int, Vector) -> Void) {
        body(0, a)
        body(1, b)
        body(2, c)
        body(3, d)
        body(4, e)
        body(5, f)
    }
}
