using Protean.Runtime;

namespace Protean.Node.EventLoop;

/// <summary>Where a member's effects leave its loop: called on the loop, in order, after everything before them is on disk.</summary>
public interface IOutlet<in TMessage, in TOutput>
{
    void Send(MemberId to, TMessage message);
    void Broadcast(TMessage message);
    void Output(TOutput output);
}
