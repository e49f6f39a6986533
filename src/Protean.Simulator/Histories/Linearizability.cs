namespace Protean.Simulator.Histories;

/// <summary>Whether a history could have come from objects that do one operation at a time, each at some instant between its call and its answer.</summary>
/// <remarks>Wing and Gong's search (Journal of Parallel and Distributed Computing 17, 1993) with Lowe's memory of what was tried (Concurrency and
/// Computation 29, 2017), object by object: a history is linearizable if the history of each of its objects is.</remarks>
public static class Linearizability
{
    /// <summary>The operation that no order explains: every attempt ends before it, or earlier. Null where the history is linearizable.</summary>
    /// <param name="initial">What every object holds at first.</param>
    public static Operation<TState>? Misfit<TState>(IEnumerable<Operation<TState>> history, TState initial) where TState : IEquatable<TState> =>
        history.GroupBy(static operation => operation.Key, StringComparer.Ordinal)
            .Select(alone => new Search<TState>([.. alone], initial).Misfit()).FirstOrDefault(static misfit => misfit is not null);

    /// <summary>One object's calls and answers in order of time, as a list out of which whatever is placed is taken.</summary>
    private sealed class Search<TState> where TState : IEquatable<TState>
    {
        private const int End = -1;

        private readonly Operation<TState>[] _operations;
        private readonly TState _initial;

        // Event 2i is operation i's call and 2i + 1 its answer; the last event is where the list begins.
        private readonly int[] _next, _previous, _position;
        private int _unanswered;

        public Search(Operation<TState>[] operations, TState initial)
        {
            (_operations, _initial) = (operations, initial);
            (_next, _previous, _position) = (new int[(2 * operations.Length) + 1], new int[(2 * operations.Length) + 1], new int[(2 * operations.Length) + 1]);
            int[] events = [.. Enumerable.Range(0, 2 * operations.Length).Where(moment => TimeOf(moment) is not null).OrderBy(TimeOf).ThenBy(static moment => moment % 2)];
            var last = Begin;
            for (var i = 0; i < events.Length; i++)
            {
                (_next[last], _previous[events[i]], _position[events[i]]) = (events[i], last, i);
                last = events[i];
            }
            _next[last] = End;
            _unanswered = operations.Count(static operation => operation.Returned is not null);
        }

        private int Begin => 2 * _operations.Length;

        public Operation<TState>? Misfit()
        {
            var state = _initial;
            var placed = new Placed(_operations.Length);
            var tried = new HashSet<(Placed, TState)>();
            var made = new Stack<(int Operation, TState Before)>();
            var furthest = Begin;
            for (var at = _next[Begin]; _unanswered > 0;)
            {
                var operation = at / 2;
                if (at % 2 != 0)
                {
                    // An answer whose call is not placed yet: something before it was placed wrongly.
                    if (furthest == Begin || _position[at] > _position[furthest]) furthest = at;
                    if (!made.TryPop(out var undone)) return _operations[furthest / 2];
                    (state, placed) = (undone.Before, placed.Turned(undone.Operation));
                    PutBack(undone.Operation);
                    at = _next[2 * undone.Operation];
                }
                else if (_operations[operation].Call.TryApply(state, out var next) && placed.Turned(operation) is var more && tried.Add((more, next)))
                {
                    made.Push((operation, state));
                    (state, placed) = (next, more);
                    TakeOut(operation);
                    at = _next[Begin];
                }
                else
                {
                    at = _next[at];
                }
            }
            return null;
        }

        private long? TimeOf(int moment) => moment % 2 == 0 ? _operations[moment / 2].Invoked : _operations[moment / 2].Returned;

        private void TakeOut(int operation)
        {
            Unlink(2 * operation);
            if (_operations[operation].Returned is null) return;
            Unlink((2 * operation) + 1);
            _unanswered--;
        }

        // In the reverse order of taking out, so that neighbours are as they were.
        private void PutBack(int operation)
        {
            if (_operations[operation].Returned is not null)
            {
                Link((2 * operation) + 1);
                _unanswered++;
            }
            Link(2 * operation);
        }

        private void Unlink(int moment)
        {
            _next[_previous[moment]] = _next[moment];
            if (_next[moment] != End) _previous[_next[moment]] = _previous[moment];
        }

        private void Link(int moment)
        {
            _next[_previous[moment]] = moment;
            if (_next[moment] != End) _previous[_next[moment]] = moment;
        }
    }

    /// <summary>A set of operations.</summary>
    private sealed class Placed : IEquatable<Placed>
    {
        private readonly ulong[] _bits;
        private readonly int _hash;

        public Placed(int operations) : this(new ulong[(operations + 63) / 64])
        {
        }

        private Placed(ulong[] bits)
        {
            _bits = bits;
            foreach (var word in bits) _hash = unchecked((int)(((uint)_hash * 16_777_619) ^ (uint)(word ^ (word >> 32))));
        }

        /// <summary>With the operation if it was not in the set, without it if it was.</summary>
        public Placed Turned(int operation)
        {
            ulong[] bits = [.. _bits];
            bits[operation / 64] ^= 1UL << (operation % 64);
            return new Placed(bits);
        }

        public bool Equals(Placed? other) => other is not null && _bits.AsSpan().SequenceEqual(other._bits);
        public override bool Equals(object? obj) => Equals(obj as Placed);
        public override int GetHashCode() => _hash;
    }
}
