namespace Protean.Runtime;

/// <summary>Remembers the last values it was given, up to a bound.</summary>
internal sealed class Recent<T>(int bound) where T : notnull
{
    private readonly HashSet<T> _values = [];
    private readonly Queue<T> _order = [];

    public bool Contains(T value) => _values.Contains(value);

    /// <returns>False where it is remembered already.</returns>
    public bool Add(T value)
    {
        if (!_values.Add(value)) return false;
        _order.Enqueue(value);
        if (_order.Count > bound) _values.Remove(_order.Dequeue());
        return true;
    }
}
