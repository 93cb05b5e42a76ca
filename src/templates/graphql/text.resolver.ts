import 'reflect-metadata';
import { Arg, Query, Resolver } from 'type-graphql';
import { EVERYONE } from '../../accounts/rights.js';
import { AppError, ErrorCode } from '../../errors.js';
import { Rights } from '../../graphql/rights.js';
import { analyzeText, type TextAnalysis } from '../text-analysis.js';
import { TextAnalysisType } from './text-analysis.types.js';

const LONGEST = 100_000;

@Resolver()
export class TextResolver {
  @Rights(...EVERYONE)
  @Query(() => TextAnalysisType, { description: 'Encoding and segments of a text, without sending; at most 100,000 characters' })
  analyzeText(@Arg('text', () => String) text: string): TextAnalysis {
    return analyzeText(atMost(text));
  }
}

function atMost(text: string): string {
  if (text.length > LONGEST) throw new AppError(ErrorCode.BAD_USER_INPUT, 'At most 100,000 characters.');
  return text;
}
