import 'reflect-metadata';
import { GraphQLError } from 'graphql';
import { Authorized, Extensions, type AuthCheckerFn } from 'type-graphql';
import { ErrorCode } from '../errors.js';
import type { RequestContext } from './context.js';

/**
 * Which roles may use an operation (or read a field). Every query, mutation and subscription must have it: a test walks
 * the schema, where the roles stand as `extensions.rights`.
 */
export function Rights(...roles: readonly string[]): MethodDecorator & PropertyDecorator {
  return (target: object, key: string | symbol, descriptor?: PropertyDescriptor) => {
    Authorized(roles)(target, key, descriptor as never);
    Extensions({ rights: roles })(target, key, descriptor as never);
  };
}

/** An arrow function, because TypeGraphQL takes anything with a prototype for a class. */
export const checkRights: AuthCheckerFn<RequestContext> = ({ context }, roles) => {
  if (!context.caller)
    throw new GraphQLError('Sign in first: send the header `Authorization: Bearer <API key>`.', {
      extensions: { code: ErrorCode.UNAUTHENTICATED, http: { status: 401 } },
    });
  if (!roles.includes(context.caller.role))
    throw new GraphQLError(`This needs a key with the role ${roles.join(' or ')}; yours is ${context.caller.role}.`, {
      extensions: { code: ErrorCode.FORBIDDEN },
    });
  return true;
};
