using System.Net;

namespace Protean.Node.Transport;

/// <summary>Counts connections whose peer is not yet known, so that strangers cannot take all of a node's time.</summary>
internal sealed class PendingHandshakes
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _byAddress = [];
    private int _count;

    /// <returns>False where the connection must be closed at once.</returns>
    public bool TryEnter(IPAddress address)
    {
        lock (_gate)
        {
            var fromThere = _byAddress.GetValueOrDefault(address);
            if (_count >= Limits.MaxPendingHandshakes || fromThere >= Limits.MaxPendingHandshakesPerAddress) return false;
            _byAddress[address] = fromThere + 1;
            _count++;
            return true;
        }
    }

    public void Leave(IPAddress address)
    {
        lock (_gate)
        {
            if (--_byAddress[address] == 0) _byAddress.Remove(address);
            _count--;
        }
    }
}
